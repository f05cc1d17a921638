// The first screen: what opens, what it saves, how sure that is; then a line of further figures.
const SHOWN_SITES = 4;
const compactMoney = (value, currency) => new Intl.NumberFormat(locale(), {
  style: "currency", currency, notation: "compact", maximumSignificantDigits: 3 }).format(value);

// Warehouses by load; where nothing is shared, those of all owners at one place count as one.
const opened = (run) => Object.values(run.headline.opens.reduce((found, { site, name, size, orders }) => {
  const one = found[site] ??= { name: name || site, sizes: new Set(), orders: 0 };
  one.sizes.add(size);
  one.orders += orders;
  return found;
}, {})).sort((a, b) => b.orders - a.orders);

const headlineOf = (run) => {
  const { saving, saving_pct, cost } = run.headline, sites = opened(run), amount = money(cost, run.currency);
  const gap = state.language === "zh" ? "" : " ";
  const what = sites.length === 0 ? phrase("headline.opens_none")
    : sites.length === 1 ? phrase("headline.opens_one", { sites: sites[0].name })
    : phrase("headline.opens", { n: number(sites.length) });
  if (saving === null || run.headline.members < 2) return `${what}${gap}${phrase("headline.cost", { cost: amount })}`;
  const key = saving >= 0 ? "headline.saves" : "headline.costs_more";
  return `${what}${gap}${phrase(key, { saving: money(Math.abs(saving), run.currency), pct: percent(Math.abs(saving_pct)), cost: amount })}`;
};

const proofOf = ({ gap_pct }) => {
  if (gap_pct === null) return phrase("proof.none");
  return gap_pct === 0 ? phrase("proof.exact") : phrase("proof.gap", { gap: percent(gap_pct, 2) });
};

const bar = (kind, share, label, figure) => element("div", { className: `bar ${kind}` },
  element("span", { className: "bar-label", textContent: label }), element("span", { className: "bar-figure", textContent: figure }),
  element("span", { className: "bar-track" }, Object.assign(element("span", { className: "bar-fill" }), { style: `width:${(100 * share).toFixed(2)}%` })));

const answer = (key, figure, extra, ...parts) => element("article", { id: `answer-${key}`, className: "answer" },
  element("h2", { textContent: phrase(`answer.${key}`) }),
  element("p", { className: "figure" }, figure, ...(extra ? [" ", element("span", { className: "extra", textContent: extra })] : [])), ...parts);
const detail = (text) => element("p", { className: "detail", textContent: text });

function whatOpens(run) {
  const sites = opened(run), candidates = new Set(run.map.sites.map((row) => row.site)).size;
  if (!sites.length) return answer("opens", phrase("answer.none_open"), "", detail(phrase("card.no_sites")), detail(phrase("answer.candidates", { n: number(candidates) })));
  const list = element("ul", { className: "opens" }, ...sites.slice(0, SHOWN_SITES).map(({ name, sizes, orders }) =>
    element("li", {}, element("span", { className: "name", textContent: name }), element("span", { className: "size", textContent: [...sizes].join(", ") }),
      element("span", { className: "load", textContent: phrase("answer.site_orders", { orders: number(orders) }) }))));
  if (sites.length > SHOWN_SITES) list.append(element("li", { textContent: phrase("answer.more_sites", { sites: together(sites.slice(SHOWN_SITES).map((one) => one.name)) }) }));
  return answer("opens", phrase(sites.length === 1 ? "answer.warehouse" : "answer.warehouses", { n: number(sites.length) }),
    phrase("answer.candidates", { n: number(candidates) }), list);
}

function whatItSaves(run) {
  const { cost, alone, saving, saving_least: least, saving_pct, members } = run.headline;
  if (members < 2) return answer("saves", "–", "", detail(phrase("answer.one_member")));
  if (saving === null) return answer("saves", "–", "", detail(phrase("card.alone_unknown")));
  const more = saving < 0, most = Math.max(cost, alone);
  const made = answer("saves", money(Math.abs(saving), run.currency), `${percent(Math.abs(saving_pct))}${more ? ` ${phrase("answer.more")}` : ""}`,
    bar("alone", alone / most, phrase("kind.alone"), money(alone, run.currency)), bar("together", cost / most, phrase("kind.together"), money(cost, run.currency)),
    detail(least === null ? phrase("answer.alone_note") : saving - least < 1e-4 * Math.abs(saving) ? phrase("answer.alone_proved")
      : phrase("answer.alone_between", { low: money(least, run.currency), high: money(saving, run.currency) })));
  made.classList.add(more ? "dearer" : "saved");
  return made;
}

function howSure(run) {
  const { cost, bound, gap_pct, status } = run.headline;
  const proof = element("p", { id: "proof", className: "detail", textContent: proofOf(run.headline) });
  const ended = phrase(`status.${status}`);
  if (gap_pct === null || bound === null) return answer("sure", phrase("answer.unproved"), "", proof, detail(phrase("answer.ended", { ended })));
  const figure = gap_pct === 0 ? phrase("answer.best") : phrase("answer.within", { gap: percent(gap_pct, 2) });
  return answer("sure", figure, "", bar("proved", bound / cost, phrase("answer.bound"), money(bound, run.currency)),
    bar("plan", 1, phrase("answer.plan"), money(cost, run.currency)), proof, detail(phrase("answer.ended", { ended })));
}

const cardsOf = (run) => {
  const { cost, on_time_pct, promised, co2_t, orders, members } = run.headline;
  return [
    ["cost", money(cost, run.currency), phrase("card.per_order", { amount: orders ? money(cost / orders, run.currency, 2) : "–" })],
    ["orders", number(orders), phrase("card.members", { members: number(members), markets: number(run.map.markets.length) })],
    ["on_time", on_time_pct === null ? "–" : percent(on_time_pct), promised ? phrase("card.promised", { orders: number(promised) }) : phrase("card.no_promise")],
    ["carbon", phrase("card.tonnes", { t: number(co2_t, co2_t < 100 ? 1 : 0) }), phrase("card.per_order_kg", { kg: orders ? number(1000 * co2_t / orders, 2) : "–" })],
  ];
};

function drawLead(run) {
  document.getElementById("headline").textContent = headlineOf(run);
  document.getElementById("answers").replaceChildren(whatOpens(run), whatItSaves(run), howSure(run));
  document.getElementById("cards").replaceChildren(...cardsOf(run).map(([key, figure, text]) =>
    element("div", { id: `card-${key}` }, element("dt", { textContent: phrase(`card.${key}`) }),
      element("dd", { className: "figure", textContent: figure }), element("dd", { className: "detail", textContent: text }))));
}
