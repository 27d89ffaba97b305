// How full are the waste bins, and which must be emptied first?
import { attr, body, h, onChange, text } from "./dom.js";
import { int, percent } from "./format.js";

const BINS = 10;
const FULL = 8;

export function createWaste() {
  const bars = Array.from({ length: BINS }, (_, i) => createBar(i));
  const over = h("b", { class: "medium" });
  const reporting = h("span", { class: "caption" });
  const fullest = h("ol", { class: "fullest" });
  const list = onChange((bins) => fullest.replaceChildren(...bins.slice(0, 5).map((bin) => h("li", {}, h("span", {}, bin.device), h("b", {}, percent(bin.fill))))));
  const summary = h("div", { class: "figure-block" }, h("span", { class: "figure-name" }, "Over 80 % full"), h("span", { class: "figure-value" }, over, h("span", { class: "unit" }, "bins")), reporting);
  const histogram = h("div", { class: "histogram", role: "img" }, bars.map((bar) => bar.node));
  const full = h("div", { class: "waste" }, summary, h("div", {}, histogram, h("p", { class: "caption axis" }, h("span", {}, "0 %"), h("span", {}, "Bins by fill level"), h("span", {}, "100 %"))), h("div", {}, h("h3", {}, "Fullest"), fullest));
  const empty = h("p", { class: "quiet" }, "No bins are configured.");
  const arrange = onChange((some) => body("waste").replaceChildren(some ? full : empty));
  return {
    update({ waste }) {
      arrange(waste.devices > 0);
      text(over, int(waste.over_80));
      text(reporting, `${int(waste.reporting)} of ${int(waste.devices)} reporting`);
      const most = Math.max(1, ...waste.histogram);
      bars.forEach((bar, i) => bar.update(waste.histogram[i] ?? 0, most));
      attr(histogram, "aria-label", `Bins per tenth of fill level: ${waste.histogram.join(", ")}`);
      list(waste.fullest);
    },
  };
}

function createBar(i) {
  const fill = h("span", { class: "column", "data-full": i >= FULL });
  const count = h("span", { class: "caption" });
  return {
    node: h("span", { class: "bin", title: `${10 * i} to ${10 * (i + 1)} % full` }, count, fill),
    update(value, most) {
      text(count, int(value));
      fill.style.height = `calc(${(value / most).toFixed(3)} * (100% - 20px))`;
    },
  };
}
