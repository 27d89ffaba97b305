// The street map: what does the whole street look like right now?
import { attr, body, h, head, svg } from "./dom.js";
import { key } from "./key.js";
import { createPlacer } from "./labels.js";
import { centre } from "./lanes.js";
import { createScene } from "./scene.js";
import { Viewport } from "./viewport.js";

const MARGIN_M = 18;
const READABLE = 0.4;
const CLOSE = 1.7;

export function createStreet(city, select) {
  if (!city.geometry) return withoutGeometry();
  const scene = createScene(city);
  const canvas = svg("svg", { class: "canvas", "aria-hidden": "true" }, scene.world);
  const places = city.intersections
    .map((one) => ({ ...one, at: centre(one, city.geometry) }))
    .filter((one) => one.at !== null)
    .map((one) => ({ ...one, label: label(one, select) }));
  const map = h(
    "div",
    { class: "map", tabindex: "0", role: "group", "aria-label": "Street map. Arrow keys move it, plus and minus zoom, 0 shows the whole street." },
    canvas,
    places.map((one) => one.label),
  );
  map.style.setProperty("--shape", shapeOf(city.geometry.bounds));
  const placeLabels = createPlacer(city.geometry, places);
  const viewport = new Viewport(map, padded(city.geometry.bounds), (view) => {
    attr(scene.world, "transform", view.transform());
    scene.world.style.setProperty("--k", view.view.scale);
    placeLabels(view);
  });
  head("street").append(controls(viewport));
  body("street").replaceChildren(map, legend(city));
  new ResizeObserver(() => {
    const first = viewport.size[0] === 0;
    viewport.resize(map.clientWidth, map.clientHeight);
    if (first && viewport.fitScale() < READABLE && places[0]) viewport.lookAt(places[0].at, CLOSE);
  }).observe(map);
  return {
    update: scene.update,
    select(id) {
      places.forEach((one) => attr(one.label, "aria-pressed", String(one.id === id)));
      const place = places.find((one) => one.id === id);
      if (place && viewport.size[0] > 0 && viewport.fitScale() < READABLE) viewport.lookAt(place.at, Math.max(CLOSE, viewport.view.scale));
    },
  };
}

function withoutGeometry() {
  body("street").replaceChildren(
    h("p", { class: "quiet" }, "No street geometry is configured, so there is nothing to draw. The intersections are listed below."),
  );
  return { update() {} };
}

const padded = ([x0, y0, x1, y1]) => [x0 - MARGIN_M, y0 - MARGIN_M, x1 + MARGIN_M, y1 + MARGIN_M];

const shapeOf = (bounds) => {
  const [x0, y0, x1, y1] = padded(bounds);
  return ((y1 - y0) / (x1 - x0)).toFixed(4);
};

const label = (intersection, select) =>
  h("button", { type: "button", class: "place-label", "aria-pressed": "false", onclick: () => select(intersection.id) }, h("b", {}, intersection.id), ` ${intersection.name}`);

function controls(viewport) {
  const button = (name, title, act) => h("button", { type: "button", class: "plain", "aria-label": title, title, onclick: act }, name);
  return h(
    "div",
    { class: "controls" },
    h("span", { class: "caption hint-mouse" }, "Drag to move, Ctrl + wheel to zoom"),
    h("span", { class: "caption hint-touch" }, "Drag, pinch"),
    button("−", "Zoom out", () => viewport.zoom(1 / 1.6)),
    button("+", "Zoom in", () => viewport.zoom(1.6)),
    button("Whole", "Show the whole street", () => viewport.fit()),
  );
}

function legend(city) {
  const head = (x, color) => ["rect", { class: `sample-${color}`, x, y: 2, width: 6, height: 8 }];
  return h(
    "p",
    { class: "legend" },
    key("Signal at the stop line", 20, head(0, "green"), head(7, "yellow"), head(14, "red")),
    key(
      "Estimated queue, 7.0 m per vehicle; paler: 1 standard deviation",
      26,
      ["rect", { class: "sample-road", width: 26, height: 12 }],
      ["rect", { class: "sample-spread", y: 3, width: 22, height: 6 }],
      ["rect", { class: "sample-estimate", y: 3, width: 15, height: 6 }],
    ),
    key("True end (simulator)", 14, ["rect", { class: "sample-road", width: 14, height: 12 }], ["rect", { class: "sample-truth", x: 6, width: 2, height: 12 }]),
    (city.geometry.stops ?? []).length ? key("Bus stop", 10, ["circle", { class: "sample-stop", cx: 5, cy: 6, r: 3.5 }]) : null,
  );
}
