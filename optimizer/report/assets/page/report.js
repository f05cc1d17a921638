// The page: headline, cards, manifest; what the buttons do.
const headlineOf = (run) => {
  const { opens, saving, saving_pct, cost } = run.headline, amount = money(cost, run.currency);
  const gap = state.language === "zh" ? "" : " ";
  const names = [...new Set(opens.map((site) => site.name || site.site))];
  const what = names.length ? phrase(names.length === 1 ? "headline.opens_one" : "headline.opens", { sites: together(names.slice(0, 6)), n: number(names.length) }) : phrase("headline.opens_none");
  if (saving === null) return `${what}${gap}${phrase("headline.cost", { cost: amount })}`;
  const key = saving >= 0 ? "headline.saves" : "headline.costs_more";
  return `${what}${gap}${phrase(key, { saving: money(Math.abs(saving), run.currency), pct: percent(Math.abs(saving_pct)), cost: amount })}`;
};

const proofOf = ({ gap_pct }) => {
  if (gap_pct === null) return phrase("proof.none");
  return gap_pct === 0 ? phrase("proof.exact") : phrase("proof.gap", { gap: percent(gap_pct, 2) });
};

const cardsOf = (run) => {
  const { cost, alone, saving, saving_pct, opens, on_time_pct, co2_t, orders, gap_pct, bound } = run.headline;
  const sites = new Set(opens.map((site) => site.site)).size;
  return [
    ["cost", money(cost, run.currency), phrase("card.per_order", { amount: money(cost / orders, run.currency, 2) })],
    ["saving", saving === null ? "–" : money(saving, run.currency),
      alone === null ? phrase("card.alone_unknown") : phrase("card.against_alone", { pct: percent(saving_pct), alone: money(alone, run.currency) })],
    ["gap", gap_pct === null ? "–" : percent(gap_pct, 2), bound === null ? phrase("proof.none") : phrase("card.bound", { bound: money(bound, run.currency) })],
    ["sites", number(sites), sites ? [...new Set(opens.map((site) => site.size ? `${site.site} ${site.size}` : site.site))].slice(0, 5).join(", ") : phrase("card.no_sites")],
    ["on_time", on_time_pct === null ? "–" : percent(on_time_pct), phrase("card.orders", { orders: number(orders) })],
    ["carbon", phrase("card.tonnes", { t: number(co2_t, co2_t < 100 ? 1 : 0) }), phrase("card.per_order_kg", { kg: number(1000 * co2_t / orders, 2) })],
  ];
};

function drawHeadline(run) {
  document.getElementById("headline").textContent = headlineOf(run);
  document.getElementById("proof").textContent = proofOf(run.headline);
  document.getElementById("cards").replaceChildren(...cardsOf(run).map(([key, figure, detail]) => {
    const saved = key === "saving" && run.headline.saving > 0 ? " saved" : "";
    return element("div", { id: `card-${key}` }, element("dt", { textContent: phrase(`card.${key}`) }),
      element("dd", { className: `figure${saved}`, textContent: figure }), element("dd", { className: "detail", textContent: detail }));
  }));
}

function drawManifest({ manifest, headline }) {
  const facts = {
    scenario: manifest.scenario, edits: manifest.edits.join("; ") || "–", members: manifest.members.join(", "),
    status: phrase(`status.${headline.status}`), basis: headline.proof, created: manifest.machine.created,
    seconds: Object.entries(manifest.result.seconds).map(([step, time]) => `${step} ${number(time, 1)} s`).join(" · "),
    machine: `${manifest.machine.system}, ${manifest.machine.cores} × ${manifest.machine.processor}`,
    versions: Object.entries(manifest.versions).map(([name, version]) => `${name} ${version}`).join(", "),
    settings: JSON.stringify(manifest.settings),
  };
  const entries = Object.entries(facts).flatMap(([key, text]) =>
    [element("dt", { textContent: phrase(`manifest.${key}`) }), element("dd", { textContent: text })]);
  const hashes = element("details", {}, element("summary", { textContent: phrase("manifest.inputs_n", { n: Object.keys(manifest.inputs).length }) }));
  for (const [name, hash] of Object.entries(manifest.inputs)) hashes.append(element("div", {}, `${name} `, element("code", { textContent: hash })));
  document.getElementById("manifest").replaceChildren(...entries,
    element("dt", { textContent: phrase("manifest.inputs") }), element("dd", {}, hashes));
}

function drawWords() {
  document.documentElement.lang = locale();
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = phrase(place.dataset.t);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", phrase(place.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
}

async function draw() {
  const run = DATA.runs[state.run];
  delete document.body.dataset.ready;
  drawWords();
  document.getElementById("scenario").textContent = DATA.runs.length > 1 ? run.name : run.scenario;
  drawHeadline(run);
  drawManifest(run);
  drawMap(run);
  drawTables(run);
  drawComparison(DATA.comparison);
  drawAlliance(DATA.alliance, run.currency);
  await drawCharts(run);
  document.body.dataset.ready = state.language;
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { state.language = button.dataset.language; draw(); });
}
document.getElementById("print").addEventListener("click", () => window.print());
document.getElementById("components").addEventListener("change", (event) => {
  state.components = event.target.checked;
  drawTables(DATA.runs[state.run]);
});
const choice = document.getElementById("run");
choice.append(...DATA.runs.map((run, position) => element("option", { value: position, textContent: run.name })));
document.getElementById("run-choice").hidden = DATA.runs.length < 2;
choice.addEventListener("change", () => { state.run = Number(choice.value); draw(); });
draw();
