// The map: country outlines, markets, sites, and the ways goods take.
const COLOURS = {
  postal: "#E69F00", express: "#D55E00", line: "#56B4E9", warehouse: "#009E73",
  sea: "#0072B2", rail: "#CC79A7", air: "#D55E00", truck: "#666666",
};
const DASHES = { postal: "2 6", express: "8 4", line: "10 4 2 4", rail: "8 5", air: "2 6" };
const CATCHMENTS = ["#0072B2", "#D55E00", "#CC79A7", "#E69F00", "#009E73", "#56B4E9"];
const leaflet = window.L;
const outlines = JSON.parse(document.getElementById("countries").textContent);
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

// A circle cut into the shares of the modes.
const MODES = ["postal", "express", "line", "warehouse"];
function pie(row, radius) {
  const size = 2 * radius + 2, middle = radius + 1, parts = MODES.map((mode) => [mode, row[`${mode}_pct`] / 100]).filter(([, share]) => share > 0.005);
  const at = (turn) => `${(middle + radius * Math.sin(2 * Math.PI * turn)).toFixed(2)} ${(middle - radius * Math.cos(2 * Math.PI * turn)).toFixed(2)}`;
  let turn = 0;
  const slices = parts.length === 1 ? "" : parts.map(([mode, share]) => {
    const path = `<path d="M${middle} ${middle}L${at(turn)}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${at(turn + share)}Z" fill="${COLOURS[mode]}"/>`;
    turn += share;
    return path;
  }).join("");
  return `<svg width="${size}" height="${size}" aria-hidden="true"><circle cx="${middle}" cy="${middle}" r="${radius}"
    fill="${COLOURS[parts.length ? parts[0][0] : row.mode]}" stroke="#1c2430"/>${slices}<circle cx="${middle}" cy="${middle}" r="${radius}" fill="none" stroke="#1c2430"/></svg>`;
}

function marketLayer({ markets, places }, currency) {
  const most = largest(markets, "orders"), layer = leaflet.layerGroup();
  for (const row of markets) {
    const radius = window.innerWidth < 760 ? scaled(row.orders, most, 3, 10) : scaled(row.orders, most, 4, 15), size = 2 * radius + 2, title = `${row.name} (${row.market})`;
    const icon = leaflet.divIcon({ className: "market", iconSize: [size, size], html: pie(row, radius) });
    leaflet.marker(places[row.market].slice(0, 2), { icon, keyboard: false, title, alt: title, zIndexOffset: -1000 }).bindPopup(() => lines(title, [
      ["orders", number(row.orders)],
      ...MODES.map((mode) => [`${mode}_pct`, row[`${mode}_pct`] ? percent(row[`${mode}_pct`]) : ""]),
      ["on_time_pct", row.on_time_pct === null ? "" : percent(row.on_time_pct)],
      ["promise_share_pct", row.promise_share_pct ? percent(row.promise_share_pct) : ""],
      ["cost_per_order", money(row.cost_per_order, currency, 2)],
    ])).addTo(layer);
  }
  return layer;
}

function catchmentLayer({ catchments, places }) {
  const layer = leaflet.layerGroup();
  catchments.forEach(({ site, markets, orders, outline }, position) => {
    const color = CATCHMENTS[position % CATCHMENTS.length];
    leaflet.polygon(outline, { color, weight: 2, dashArray: "4 3", fillOpacity: 0.14 }).bindPopup(() => lines(places[site][2], [
      ["markets_n", number(markets)], ["orders", number(orders)]])).addTo(layer);
  });
  return layer;
}

function siteLayer({ sites, places }, currency, open) {
  const most = largest(sites, "orders"), layer = leaflet.layerGroup();
  for (const row of sites.filter((site) => site.open === open).sort((a, b) => b.orders - a.orders)) {
    const narrow = window.innerWidth < 760, side = open ? scaled(row.orders, most, narrow ? 11 : 14, narrow ? 18 : 26) : narrow ? 6 : 9;
    const icon = leaflet.divIcon({
      className: open ? "site open" : "site", iconSize: [side, side],
      html: `<svg width="${side}" height="${side}" viewBox="0 0 10 10" aria-hidden="true"><rect x="1" y="1" width="8"
        height="8" fill="${open ? "#1c2430" : "#fff"}" stroke="${open ? "#fff" : "#1c2430"}"/></svg>`,
    });
    const marker = leaflet.marker(places[row.site].slice(0, 2), { icon, keyboard: true, title: row.name, alt: row.name });
    marker.label = open ? { text: row.name, reach: side / 2 + 2 } : null;
    marker.bindPopup(() => lines(`${row.name} (${row.site})`, open ? [
      ["size", row.size], ["orders", number(row.orders)], ["peak_m3", number(row.peak_m3, 1)],
      ["capacity_m3", number(row.capacity_m3)], ["site_cost", money(row.cost, currency)],
    ] : [["status", phrase("ui.not_opened")]])).addTo(layer);
  }
  return layer;
}

const HIDDEN = 80; // px² of a name that may be hidden; a name that would be hidden more is left out at this zoom

// Names of open warehouses where they hide each other least; the busiest chooses first.
function placeLabels(layer) {
  const taken = [], markers = layer.getLayers();
  for (const marker of markers) {
    marker.unbindTooltip();
    const { text, reach } = marker.label, spot = map.latLngToContainerPoint(marker.getLatLng());
    const width = 7 * text.length + 14, height = 24;
    const corners = { right: [reach, -height / 2], left: [-reach - width, -height / 2], top: [-width / 2, -reach - height], bottom: [-width / 2, reach] };
    const hidden = ([dx, dy]) => [...taken, ...markers.filter((one) => one !== marker).map((one) => {
      const other = map.latLngToContainerPoint(one.getLatLng());
      return { x: other.x - one.label.reach, y: other.y - one.label.reach, width: 2 * one.label.reach, height: 2 * one.label.reach };
    })].reduce((sum, box) => sum + Math.max(0, Math.min(spot.x + dx + width, box.x + box.width) - Math.max(spot.x + dx, box.x))
      * Math.max(0, Math.min(spot.y + dy + height, box.y + box.height) - Math.max(spot.y + dy, box.y)), 0)
      + 1000 * Math.max(0, -(spot.x + dx), spot.x + dx + width - map.getSize().x);
    const direction = Object.keys(corners).reduce((best, one) => (hidden(corners[one]) < hidden(corners[best]) ? one : best));
    if (hidden(corners[direction]) > HIDDEN) continue;
    const offset = { right: [reach, 0], left: [-reach, 0], top: [0, -reach], bottom: [0, reach] }[direction];
    taken.push({ x: spot.x + corners[direction][0], y: spot.y + corners[direction][1], width, height });
    marker.bindTooltip(text, { permanent: true, direction, offset, className: "site-name" });
  }
}

function drawMap(run) {
  map?.remove();
  const shown = run.map, at = (code) => shown.places[code]?.slice(0, 2), nameOf = (code) => shown.places[code]?.[2] ?? code;
  map = leaflet.map("map", { worldCopyJump: true, zoomSnap: 0.25, attributionControl: true, fadeAnimation: false, zoomAnimation: false });
  map.attributionControl.setPrefix("Leaflet").addAttribution("Natural Earth");
  map.createPane("outlines").style.zIndex = 200; // below every layer; one canvas draws faster than 200 paths
  leaflet.geoJSON(outlines, {
    interactive: false, renderer: leaflet.canvas({ pane: "outlines", padding: 0.5 }), pane: "outlines",
    style: { color: "#a9b3bf", weight: 0.7, fillColor: "#f7f7f2", fillOpacity: 1 },
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
    catchments: catchmentLayer(shown),
    first_leg: firstLeg, last_mile: parcelWay(shown.last_mile, () => "warehouse", "site"),
    direct: parcelWay(shown.direct, (row) => row.mode, "start"), markets: marketLayer(shown, run.currency),
    candidates: siteLayer(shown, run.currency, false), open_sites: siteLayer(shown, run.currency, true),
  };
  for (const [kind, layer] of Object.entries(layers)) {
    if (kind === "catchments" ? false : kind !== "direct" || !shown.last_mile.length) layer.addTo(map);
  }
  const choices = Object.entries(layers).map(([kind, layer]) => [phrase(`layer.${kind}`), layer]);
  const control = leaflet.control.layers(null, Object.fromEntries(choices), { collapsed: false }).addTo(map);
  document.getElementById("layers").replaceChildren(control.getContainer()); // beside the map, where it hides nothing
  leaflet.control.scale({ imperial: false }).addTo(map);
  const ends = [...shown.markets.map((row) => at(row.market)), ...shown.sites.filter((row) => row.open).map((row) => at(row.site))];
  map.fitBounds(leaflet.latLngBounds(ends).pad(0.08), { maxZoom: 6 });
  placeLabels(layers.open_sites);
  map.on("zoomend", () => placeLabels(layers.open_sites));
  drawLegend(shown);
}
