// The map: country outlines, markets, sites, and the ways goods take.
const COLOURS = {
  postal: "#E69F00", express: "#D55E00", line: "#56B4E9", warehouse: "#009E73",
  sea: "#0072B2", rail: "#CC79A7", air: "#D55E00", truck: "#666666",
};
const DASHES = { postal: "2 6", express: "8 4", line: "10 4 2 4", rail: "8 5", air: "2 6" };
const leaflet = window.L;
let map;

// A gentle bend between two points, so that ways between the same regions stay apart.
const arc = ([lat1, lon1], [lat2, lon2]) => {
  const bend = 0.12, points = [];
  const middle = [(lat1 + lat2) / 2 + bend * Math.abs(lon2 - lon1), (lon1 + lon2) / 2 - bend * (lat2 - lat1)];
  for (let step = 0; step <= 24; step += 1) {
    const s = step / 24, a = (1 - s) ** 2, b = 2 * s * (1 - s), c = s ** 2;
    points.push([a * lat1 + b * middle[0] + c * lat2, a * lon1 + b * middle[1] + c * lon2]);
  }
  return points;
};

const scaled = (value, largest, from, to) => from + (to - from) * Math.sqrt(largest > 0 ? value / largest : 0);
const largest = (rows, name) => Math.max(0, ...rows.map((row) => row[name]));
const lines = (title, rows) => {
  const box = element("div", {}, element("strong", { textContent: title }));
  rows.filter(([, text]) => text !== "").forEach(([key, text]) =>
    box.append(element("br"), `${phrase(`column.${key}`)}: ${text}`));
  return box;
};

// Each stop less than half the globe from the next, so that ways over the Pacific do not cross Europe.
const nearby = (stops) => stops.reduceRight((kept, [lat, lon]) => {
  const next = kept.length ? kept[0][1] : lon;
  return [[lat, lon + 360 * Math.round((next - lon) / 360)], ...kept];
}, []);

function wayLayer(rows, colourOf, stopsOf, weightOf, tell) {
  const layer = leaflet.layerGroup();
  for (const row of rows) {
    const stops = nearby(stopsOf(row).filter(Boolean));
    for (let leg = 1; leg < stops.length; leg += 1) {
      leaflet.polyline(arc(stops[leg - 1], stops[leg]), {
        color: COLOURS[colourOf(row)], weight: weightOf(row), opacity: 0.75, dashArray: DASHES[colourOf(row)],
      }).bindPopup(() => tell(row)).addTo(layer);
    }
  }
  return layer;
}

function marketLayer({ markets, places }, currency) {
  const most = largest(markets, "orders"), layer = leaflet.layerGroup();
  for (const row of markets) {
    leaflet.circleMarker(places[row.market].slice(0, 2), {
      radius: scaled(row.orders, most, 4, 15), color: "#1c2430", weight: 1,
      fillColor: COLOURS[row.mode], fillOpacity: 0.35 + 0.6 * (row[`${row.mode}_pct`] / 100),
    }).bindPopup(() => lines(`${row.name} (${row.market})`, [
      ["orders", number(row.orders)],
      ...["postal", "express", "line", "warehouse"].map((mode) =>
        [`${mode}_pct`, row[`${mode}_pct`] ? percent(row[`${mode}_pct`]) : ""]),
      ["on_time_pct", row.on_time_pct === null ? "" : percent(row.on_time_pct)],
      ["cost_per_order", money(row.cost_per_order, currency, 2)],
    ])).addTo(layer);
  }
  return layer;
}

function siteLayer({ sites, places }, currency, open) {
  const most = largest(sites, "orders"), layer = leaflet.layerGroup();
  for (const row of sites.filter((site) => site.open === open)) {
    const side = open ? scaled(row.orders, most, 14, 26) : 9;
    const icon = leaflet.divIcon({
      className: open ? "site open" : "site", iconSize: [side, side],
      html: `<svg width="${side}" height="${side}" viewBox="0 0 10 10" aria-hidden="true"><rect x="1" y="1" width="8"
        height="8" fill="${open ? "#1c2430" : "#fff"}" stroke="${open ? "#fff" : "#1c2430"}"/></svg>`,
    });
    const marker = leaflet.marker(places[row.site].slice(0, 2), { icon, keyboard: true, title: row.name, alt: row.name });
    if (open) marker.bindTooltip(row.name, { permanent: true, direction: "right", offset: [side / 2, 0], className: "site-name" });
    marker.bindPopup(() => lines(`${row.name} (${row.site})`, open ? [
      ["size", row.size], ["orders", number(row.orders)], ["peak_m3", number(row.peak_m3, 1)],
      ["capacity_m3", number(row.capacity_m3)], ["site_cost", money(row.cost, currency)],
    ] : [["status", phrase("ui.not_opened")]])).addTo(layer);
  }
  return layer;
}

function drawMap(run) {
  map?.remove();
  const shown = run.map, at = (code) => shown.places[code]?.slice(0, 2), nameOf = (code) => shown.places[code]?.[2] ?? code;
  map = leaflet.map("map", { worldCopyJump: true, zoomSnap: 0.25, attributionControl: true, fadeAnimation: false, zoomAnimation: false });
  map.attributionControl.setPrefix("Leaflet").addAttribution("Natural Earth");
  leaflet.geoJSON(JSON.parse(document.getElementById("countries").textContent), {
    interactive: false, style: { color: "#a9b3bf", weight: 0.7, fillColor: "#f7f7f2", fillOpacity: 1 },
  }).addTo(map);
  const freight = largest(shown.first_leg, "m3"), parcels = Math.max(largest(shown.last_mile, "orders"), largest(shown.direct, "orders"));
  const firstLeg = wayLayer(shown.first_leg, (row) => row.freight_mode, (row) => row.stops.map(at),
    (row) => scaled(row.m3, freight, 1.5, 6), (row) => lines(row.stops.map(nameOf).join(" → "), [
      ["freight_mode", phrase(`freight_mode.${row.freight_mode}`)], ["m3", number(row.m3, 1)], ["t", number(row.t, 2)],
      ["orders", number(row.orders)], ["cost", money(row.cost, run.currency)]]));
  const parcelWay = (rows, modeOf, from) => wayLayer(rows, modeOf, (row) => [at(row[from]), at(row.market)],
    (row) => scaled(row.orders, parcels, 1, 4), (row) => lines(`${nameOf(row[from])} → ${nameOf(row.market)}`, [
      ["mode", phrase(`mode.${modeOf(row)}`)], ["orders", number(row.orders)], ["kg", number(row.kg)]]));
  const layers = {
    first_leg: firstLeg, last_mile: parcelWay(shown.last_mile, () => "warehouse", "site"),
    direct: parcelWay(shown.direct, (row) => row.mode, "start"), markets: marketLayer(shown, run.currency),
    candidates: siteLayer(shown, run.currency, false), open_sites: siteLayer(shown, run.currency, true),
  };
  for (const [kind, layer] of Object.entries(layers)) if (kind !== "direct" || !shown.last_mile.length) layer.addTo(map);
  leaflet.control.layers(null, Object.fromEntries(Object.entries(layers).map(([kind, layer]) =>
    [phrase(`layer.${kind}`), layer])), { collapsed: window.innerWidth < 760 }).addTo(map);
  leaflet.control.scale({ imperial: false }).addTo(map);
  const ends = [...shown.markets.map((row) => at(row.market)), ...shown.sites.filter((row) => row.open).map((row) => at(row.site))];
  map.fitBounds(leaflet.latLngBounds(ends).pad(0.15), { maxZoom: 5 });
  document.querySelector(".leaflet-control-layers-toggle")?.setAttribute("aria-label", phrase("ui.layers"));
  drawLegend(shown);
}

function drawLegend(shown) {
  const swatch = (inside) => `<svg width="28" height="14" aria-hidden="true">${inside}</svg>`;
  const line = (mode) => swatch(`<line x1="0" y1="7" x2="28" y2="7" stroke="${COLOURS[mode]}" stroke-width="3"
    stroke-dasharray="${DASHES[mode] ?? ""}"/>`);
  const dot = (mode) => swatch(`<circle cx="14" cy="7" r="6" fill="${COLOURS[mode]}" stroke="#1c2430"/>`);
  const square = (fill) => swatch(`<rect x="8" y="1" width="11" height="11" fill="${fill}" stroke="#1c2430"/>`);
  const used = (rows, name) => [...new Set(rows.map((row) => row[name]))];
  const items = [
    [square("#1c2430"), phrase("layer.open_sites")], [square("#fff"), phrase("layer.candidates")],
    ...used(shown.markets, "mode").map((mode) => [dot(mode), phrase("ui.market_mostly", { mode: phrase(`mode.${mode}`) })]),
    ...used(shown.first_leg, "freight_mode").map((mode) => [line(mode), phrase(`freight_mode.${mode}`)]),
  ];
  document.getElementById("map-legend").replaceChildren(...items.map(([picture, text]) => {
    const item = element("li", { innerHTML: picture });
    item.append(text);
    return item;
  }));
}
