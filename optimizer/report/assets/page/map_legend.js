// What the signs of the map mean; only those that occur.
function drawLegend(shown) {
  const swatch = (inside) => `<svg width="28" height="14" aria-hidden="true">${inside}</svg>`;
  const line = (mode) => swatch(`<line x1="0" y1="7" x2="28" y2="7" stroke="${COLOURS[mode]}" stroke-width="3"
    stroke-dasharray="${DASHES[mode] ?? ""}"/>`);
  const dot = (mode) => swatch(`<circle cx="14" cy="7" r="6" fill="${COLOURS[mode]}" stroke="#1c2430"/>`);
  const square = (fill) => swatch(`<rect x="8" y="1" width="11" height="11" fill="${fill}" stroke="#1c2430"/>`);
  const used = (rows, name) => [...new Set(rows.map((row) => row[name]))];
  const items = [
    [square("#1c2430"), phrase("layer.open_sites")], [square("#fff"), phrase("layer.candidates")],
    ...MODES.filter((mode) => shown.markets.some((row) => row[`${mode}_pct`] > 0)).map((mode) => [dot(mode), phrase(`mode.${mode}`)]),
    ...used(shown.first_leg, "freight_mode").map((mode) => [line(mode), phrase(`freight_mode.${mode}`)]),
  ];
  document.getElementById("map-legend").replaceChildren(...items.map(([picture, text]) => {
    const item = element("li", { innerHTML: picture });
    item.append(text);
    return item;
  }));
}
