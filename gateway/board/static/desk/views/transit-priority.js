// Transit signal priority | people | 30 | Which buses asked for priority, and what did they get?
import { showRequests } from "../requests.js";

export const show = (place, desk) =>
  showRequests(place, desk, {
    measure: "transit_priority",
    what: "request for priority that was checked out",
    took: "took_s",
    words: "from check-in to check-out",
    parts: [["took_s", "seconds to check-out"], ["early_greens", "early greens"], ["extended_greens", "extended greens"]],
  });
