// What do the marks on the map mean? One legend for the whole street, one for its lanes.
import { h } from "./dom.js";
import { key } from "./key.js";
import { lamp } from "./lamp.js";

const COLORS = ["green", "yellow", "red"];

export function streetLegend(city) {
  const stops = (city.geometry.stops ?? []).length > 0;
  return [
    h(
      "p",
      { class: "legend legend-street" },
      lamps(),
      queue("Estimated queue, longest lane"),
      truth(),
      stops ? stop() : null,
      h("span", {}, "Widths not to scale"),
    ),
    h("p", { class: "legend legend-lanes" }, heads(), queue("Estimated queue"), truth(), stops ? stop() : null),
  ];
}

const road = (width) => ["rect", { class: "sample-road", width, height: 12 }];

function lamps() {
  const explained = key("Signal: through, protected left", 74, ["rect", { class: "sample-plate", y: -1, width: 74, height: 14, rx: 7 }]);
  const drawn = ["through", "left"].flatMap((turn) => COLORS.map((color) => [turn, color]));
  explained.firstChild.append(...drawn.map(([turn, color], i) => lamp(turn, { "data-color": color, transform: `translate(${8 + 11.5 * i} 6)` })));
  return explained;
}

const heads = () =>
  key("Signal at the stop line", 20, ...COLORS.map((color, i) => ["rect", { class: `sample-${color}`, x: 7 * i, y: 2, width: 6, height: 8 }]));

const queue = (words) =>
  key(
    `${words}, 7.0 m per vehicle; paler: 1 standard deviation`,
    26,
    road(26),
    ["rect", { class: "sample-spread", y: 3, width: 22, height: 6 }],
    ["rect", { class: "sample-estimate", y: 3, width: 15, height: 6 }],
  );

const truth = () => key("True end (simulator)", 14, road(14), ["rect", { class: "sample-truth", x: 6, width: 2, height: 12 }]);

const stop = () => key("Bus stop", 10, ["circle", { class: "sample-stop", cx: 5, cy: 6, r: 3.5 }]);
