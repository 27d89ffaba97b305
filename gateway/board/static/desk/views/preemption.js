// Preemption details | people | 20 | What did each preemption take, step by step?
import { showRequests } from "../requests.js";

export const show = (place, desk) =>
  showRequests(place, desk, {
    measure: "preemption",
    what: "preemption",
    took: "total_s",
    words: "from call to exit",
    parts: [["delay_s", "call to entry"], ["to_dwell_s", "entry to dwell"], ["track_clear_s", "track clearance"], ["dwell_s", "dwell"], ["called_s", "call on"], ["total_s", "in all"]],
  });
