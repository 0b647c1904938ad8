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
  var tables = Array.prototype.slice.call(document.querySelectorAll(".scroll table:not(.matrix)"));
  tables.forEach(function (table) {
    var heads = table.tHead && table.tHead.rows.length === 1 ? table.tHead.rows[0].cells : [];
    Array.prototype.forEach.call(table.querySelectorAll("tbody tr"), function (row) {
      Array.prototype.forEach.call(row.cells, function (cell, place) {
        var words = cell.textContent.trim();
        var is_said = cell.tagName === "TD" || /^\d+$/.test(words);
        if (heads[place] && is_said) { cell.dataset.label = heads[place].textContent; }
        cell.classList.toggle("void", !words && !cell.querySelector("img, svg, .meter"));
      });
    });
  });
  function fit() {
    tables.forEach(function (table) {
      table.classList.remove("stacked");
      var room = table.parentNode.clientWidth;
      if (room && table.offsetWidth > room) { table.classList.add("stacked"); }
    });
  }
  fit();
  window.addEventListener("resize", fit);
  document.addEventListener("toggle", fit, true);
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (one) { one.open = true; });
    tables.forEach(function (table) { table.classList.remove("stacked"); });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
    fit();
  });
}());
