// Which theme was chosen? Runs before the first paint, so that the page does not flash.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("arterial-theme"); } catch { /* storage may be forbidden */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
