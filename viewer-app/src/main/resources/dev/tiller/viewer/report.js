(() => {
  const tree = document.querySelector(".tree");
  const tip = document.getElementById("tip");
  if (!tree) return;
  const clear = () => {
    tree.classList.remove("pointed");
    tree.querySelectorAll(".hot").forEach(e => e.classList.remove("hot"));
    tip.hidden = true;
  };
  const point = node => {
    clear();
    tree.classList.add("pointed");
    for (let n = node; n; n = n.dataset.parent ? document.getElementById("n" + n.dataset.parent) : null) {
      n.classList.add("hot");
      tree.querySelector(`.edge[data-to="${n.id.slice(1)}"]`)?.classList.add("hot");
    }
    const image = node.querySelector("image");
    const img = tip.querySelector("img");
    if (image) img.src = image.getAttribute("href"); else img.removeAttribute("src");
    tip.querySelector("p").textContent = node.dataset.says;
    tip.hidden = false;
    const at = node.getBoundingClientRect();
    const left = at.right + 12 + tip.offsetWidth > innerWidth ? at.left - 12 - tip.offsetWidth : at.right + 12;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, Math.min(at.top, innerHeight - tip.offsetHeight - 8)) + "px";
  };
  tree.querySelectorAll(".node").forEach(node => node.addEventListener("mouseenter", () => point(node)));
  tree.addEventListener("mouseleave", clear);
})();
