// Tables to search and to sort, with numbers in the reader's format.
const grids = [];
const LONG = 16; // rows beyond which a table scrolls in itself

const shownAs = {
  money: (value, currency, digits) => money(value, currency, digits),
  percent: (value) => percent(value),
  number: (value, currency, digits) => number(value, digits),
  mode: (value) => phrase(`mode.${value}`),
  freight_mode: (value) => phrase(`freight_mode.${value}`),
  component: (value) => phrase(`component.${value}`),
  rule: (value) => (value === null ? phrase("ui.alone") : phrase(`rule.${value}`)),
  verdict: (value) => (value === null ? "" : phrase(`verdict.${value}`)),
  text: (value) => value,
};
const AMOUNTS = ["money", "percent", "number"];

// As many decimals as the column needs, the same in every line.
const digitsOf = ({ kind, key }, values) => {
  if (!AMOUNTS.includes(kind) || key === "orders") return 0;
  const given = values.filter((value) => value !== null), most = Math.max(0, ...given.map(Math.abs));
  if (kind === "money") return most < 1000 ? 2 : 0;
  return given.every(Number.isInteger) ? 0 : most >= 1000 ? 0 : most >= 1 ? 1 : 2;
};

function drawTable(place, { columns, rows }, currency, title) {
  const kept = columns.map((column, position) => ({
    ...column, position, digits: digitsOf(column, rows.map((row) => row[position])) }))
    .filter((column) => !column.component || state.components);
  const grid = new gridjs.Grid({
    columns: kept.map((column) => ({
      id: `${column.key}-${column.position}`,
      name: column.name ?? phrase(column.component ? `component.${column.key}` : `column.${column.key}`),
      sort: { compare: (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a > b ? 1 : -1) },
      formatter: (value) => (value === null && !["rule", "verdict"].includes(column.kind) ? "–" : shownAs[column.kind](value, currency, column.digits)),
      attributes: (value, row) => (AMOUNTS.includes(column.kind) ? { "data-amount": "", ...(row ? { "data-value": value } : {}) } : {}),
    })),
    data: rows.map((row) => kept.map((column) => row[column.position])),
    search: rows.length > 8 ? {
      selector: (value, _row, position) => (value === null ? "" : String(shownAs[kept[position].kind](value, currency, kept[position].digits)) + " " + value),
    } : false,
    sort: true,
    autoWidth: false,
    ...(rows.length > LONG ? { height: "560px", fixedHeader: true } : {}),
    language: {
      search: { placeholder: phrase("ui.search") },
      sort: { sortAsc: phrase("ui.sort_up"), sortDesc: phrase("ui.sort_down") },
      noRecordsFound: phrase("ui.no_lines"), loading: "…", error: "!",
    },
  });
  place.classList.add("table");
  place.replaceChildren();
  grid.render(place);
  const label = () => {
    const scroll = place.querySelector(".gridjs-wrapper");
    if (!scroll) return void setTimeout(label, 30);
    scroll.setAttribute("tabindex", "0");
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", title);
    place.querySelector("input")?.setAttribute("aria-label", `${phrase("ui.search")}: ${title}`);
  };
  label();
  grids.push(grid);
}

function drawTables(run) {
  grids.splice(0).forEach((grid) => grid.destroy());
  for (const place of document.querySelectorAll("main [data-table]")) {
    const kind = place.dataset.table;
    drawTable(place, run.tables[kind], run.currency, phrase(`table.${kind}`));
  }
}

function drawComparison(comparison) {
  const section = document.getElementById("comparison");
  section.hidden = !comparison;
  if (!comparison) return;
  section.replaceChildren(element("h2", { textContent: phrase("ui.comparison") }),
    element("p", { className: "note", textContent: phrase("ui.comparison_note", { first: comparison.runs[0] }) }));
  const pairs = element("div", { className: comparison.runs.length > 2 ? "pairs many" : "pairs" });
  section.append(pairs);
  for (const [kind, table] of Object.entries(comparison.tables)) {
    const place = element("div", {}), title = phrase(`compare.${kind}`);
    pairs.append(element("div", {}, element("h3", { textContent: title }), place));
    const columns = table.columns.map((column) => ({ ...column,
      name: column.run && column.key === "change" ? phrase("ui.change_of", { run: column.run }) : column.run }));
    drawTable(place, { ...table, columns }, comparison.currency, title);
  }
}

function drawAlliance(alliance, currency) {
  const section = document.getElementById("alliance");
  section.hidden = !alliance;
  if (!alliance) return;
  const [low, high] = alliance.saving, place = element("div", {});
  section.replaceChildren(element("h2", { textContent: phrase("ui.alliance") }),
    element("p", { textContent: money(low, currency) === money(high, currency) ? phrase("ui.alliance_saves_exactly", { saving: money(low, currency) })
      : phrase("ui.alliance_saves", { low: money(low, currency), high: money(high, currency) }) }),
    element("p", { textContent: phrase(`core.${alliance.core_nonempty}`) }), place);
  drawTable(place, alliance.table, currency, phrase("ui.alliance"));
  if (!alliance.objections.rows.length) return void section.append(element("p", { textContent: phrase("ui.alliance_holds") }));
  const groups = element("div", { id: "objections" });
  section.append(element("h3", { textContent: phrase("table.objections") }), element("p", { className: "note", textContent: phrase("ui.objections_note") }), groups);
  drawTable(groups, alliance.objections, currency, phrase("table.objections"));
}
