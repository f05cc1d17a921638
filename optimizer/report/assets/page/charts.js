// Charts: Vega-Lite specifications made by the program, drawn here with words and numbers of the reader.
const drawn = [];

// Formats as the specifications write them: 1.2M, +2.6%, 1,234.5; each as the reader writes numbers.
const compact = (value) => new Intl.NumberFormat(locale(), { notation: "compact", maximumSignificantDigits: 3 }).format(value);
const exact = (value, shape) => {
  const digits = Number(/\.(\d)/.exec(shape)?.[1] ?? 0);
  if (!shape.endsWith("%")) return number(value, digits);
  return new Intl.NumberFormat(locale(), {
    style: "percent", signDisplay: "exceptZero", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
};

const localised = (spec) => {
  if (Array.isArray(spec)) return spec.map(localised);
  if (!spec || typeof spec !== "object") return spec;
  const copy = Object.fromEntries(Object.entries(spec).map(([key, item]) => [key, localised(item)]));
  if (copy.format?.endsWith?.("~s")) copy.formatType = "compact";
  else if (typeof copy.format === "string") copy.formatType = "exact";
  return copy;
};

async function drawCharts(run) {
  drawn.splice(0).forEach((view) => view.finalize());
  const parent = document.getElementById("charts");
  // All places first: how wide one is depends on how many there are.
  const places = Object.entries(run.charts).map(([kind, made]) => [kind, made, element("div", { className: "chart" })]);
  parent.replaceChildren(...places.map(([kind, , place]) => element("section", { id: `chart-${kind}` },
    element("h2", { textContent: phrase(`chart.${kind}`) }), place,
    element("p", { className: "note", textContent: phrase(`chart.${kind}_note`) }))));
  for (const [kind, made, place] of places) {
    if (!place.isConnected) return; // drawn anew in the meantime
    const spec = localised(translated(made));
    spec.config = { ...spec.config, customFormatTypes: true };
    const view = await vegaEmbed(place, spec, { actions: false, renderer: "svg", logLevel: 1, expressionFunctions: { compact, exact } });
    place.setAttribute("role", "img"); // what vega-embed says of it is in English and names no chart
    place.setAttribute("aria-label", `${phrase(`chart.${kind}`)}. ${phrase(`chart.${kind}_note`)}`);
    place.removeAttribute("aria-roledescription");
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
    drawn.push(view);
  }
}
