(function () {
  "use strict";
  var root = document.documentElement;
  var button = document.getElementById("theme");
  var words = ["auto", "light", "dark"];
  function kept() {
    try { return localStorage.getItem("lamina-theme"); } catch (error) { return null; }
  }
  function keep(word) {
    try { localStorage.setItem("lamina-theme", word); } catch (error) { return; }
  }
  function apply(word) {
    if (word === "auto") { root.removeAttribute("data-theme"); } else { root.dataset.theme = word; }
    button.querySelector("span").textContent = word;
  }
  apply(words.indexOf(kept()) > 0 ? kept() : "auto");
  button.hidden = false;
  button.addEventListener("click", function () {
    var next = words[(words.indexOf(root.dataset.theme || "auto") + 1) % words.length];
    apply(next);
    keep(next);
  });
  var copy = document.getElementById("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      var text = copy.parentNode.querySelector("code").textContent;
      navigator.clipboard.writeText(text).then(function () { copy.textContent = "Copied"; });
    });
  }
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
  });
}());
