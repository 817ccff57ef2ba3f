// The player: maps of one trace side by side on one clock.

const TICK_RATES = [1, 4, 16, 60, 240, 1000];
const SLIDE_MS = 350;
/** A slide that nobody could follow is not shown. */
const SLIDING_RATE = 16;

/** A stranger's name, no longer than a line. */
const cut = (name) => (name.length > 60 ? `${name.slice(0, 59)}…` : name);
/** As the page writes numbers: digits in groups of three from five digits on. */
const exact = (number) => (number < 10000 ? String(number) : String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0"));
function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (number >= 1024 && at < units.length - 1) {
    number /= 1024;
    at++;
  }
  return `${at ? number.toFixed(number < 10 ? 2 : 1) : number} ${units[at]}`;
}

/** An element with attributes and children; text is never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

async function load(map) {
  map.layers = await unpackRows(map);
  // Only what is live must be told of each column.
  const cells = map.rows.columns * map.rows.operation_index.length;
  for (const name of ["born", "size", "thread", "site"]) map.layers[name] ??= new Uint8Array(cells);
  map.sizes = [...new Set(map.layers.size)].filter((bits) => bits > 0);
  if (!map.sizes.length) map.sizes.push(1);
  if (map.steps) map.stays = new Stays(map, JSON.parse(new TextDecoder().decode(await unpack(map.steps.data))));
}

class Player {
  constructor(root, maps) {
    this.root = root;
    this.id = root.id;
    this.maps = maps;
    this.by = "age";
    this.at = 0;
    this.isPlaying = false;
    this.isWindow = maps.every((map) => map.stays);
    this.rate = this.isWindow ? 4 : 16;
    // A tick is an operation of a window, else a row of any of the maps; `operations` holds the last operation of each.
    if (this.isWindow) {
      const from = maps[0].from_operation;
      const count = Math.max(...maps.map((map) => map.stays.count));
      this.operations = Array.from({ length: count + 1 }, (_, tick) => from + tick - 1);
    } else {
      const all = maps.flatMap((map) => map.rows.operation_index);
      this.operations = [...new Set(all)].sort((a, b) => a - b);
    }
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.panels = maps.map((map) => this.panel(map));
    this.controls();
    this.fromHash();
    this.recolor();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolor());
    new MutationObserver(() => this.recolor()).observe(document.documentElement, { attributes: true });
    root.addEventListener("keydown", (event) => this.key(event));
  }

  panel(map) {
    const element = this.root.querySelector(`[data-map="${map.index}"]`);
    const picture = element.querySelector(".map-picture");
    const rows = make("canvas", { class: "map-rows", "aria-hidden": "true" });
    picture.querySelector("img").replaceWith(rows);
    const cursor = make("div", { class: "map-cursor" });
    picture.append(cursor);
    const hint = "arrow up and down choose a block, Enter tells of it";
    const now = make("canvas", { class: "map-now", role: "img", tabindex: "0" });
    const told = make("p", { class: "map-told", role: "status" });
    const line = make("p", { class: "map-line" });
    picture.before(make("div", { class: "map-now-frame" }, now), line);
    element.querySelector(".map-frame").append(told);
    const panel = { map, element, rows, cursor, now, told, line, hint, view: new Now(now, map), chosen: -1, row: -1 };
    now.addEventListener("click", (event) => {
      const box = now.getBoundingClientRect();
      const offset = panel.view.offset((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      this.choose(panel, offset);
    });
    now.addEventListener("keydown", (event) => this.chooseByKey(panel, event));
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * map.rows.operation_index.length);
      this.seek(this.tickOf(map.rows.operation_index[Math.max(0, row)]));
      this.choose(panel, Math.floor(((event.clientX - box.left) / box.width) * map.extent_bytes));
    });
    return panel;
  }

  controls() {
    const button = (text, title, action) => make("button", { type: "button", title, onclick: action }, text);
    this.playButton = button("▶ Play", "Space", () => this.play(!this.isPlaying));
    this.scrub = make("input", {
      type: "range", min: 0, max: this.operations.length - 1, value: 0, "aria-label": "Operation",
      oninput: () => this.seek(Number(this.scrub.value)),
    });
    const option = (value, text, chosen) => make("option", { value, ...(chosen && { selected: "" }) }, text);
    const what = this.isWindow ? "operations" : "states";
    this.rateChoice = make("select", { "aria-label": "Speed", onchange: () => (this.rate = Number(this.rateChoice.value)) },
      ...TICK_RATES.map((rate) => option(rate, `${rate} ${what}/s`, rate === this.rate)));
    const kinds = [["age", "age"], ["size", "size"]];
    if (this.maps.some((map) => map.threads?.length)) kinds.push(["thread", "thread"]);
    if (this.maps.some((map) => map.sites?.length)) kinds.push(["site", "call site"]);
    this.byChoice = make("select", { "aria-label": "Color blocks by", onchange: () => this.colorBy(this.byChoice.value) },
      ...kinds.map(([value, text]) => option(value, `color: ${text}`)));
    this.readout = make("output", { class: "map-clock" });
    this.legend = make("div", { class: "map-legend" });
    const bar = make("div", { class: "map-controls", role: "group", "aria-label": "Player" },
      this.playButton,
      button("Start", "Home", () => this.seek(0)),
      button("Back", "left arrow", () => this.step(-1)),
      button("Next", "right arrow", () => this.step(1)),
      button("End", "End", () => this.seek(this.operations.length - 1)),
      this.scrub, this.rateChoice, this.byChoice, this.readout);
    this.root.querySelector(".map-panels").before(bar);
    const old = this.root.querySelector(".map-legend");
    if (old) old.replaceWith(this.legend);
    else bar.after(this.legend);
  }

  tickOf(operation) {
    return Math.max(0, lastUpTo(this.operations, operation));
  }

  play(on) {
    this.isPlaying = on;
    this.playButton.textContent = on ? "❚❚ Pause" : "▶ Play";
    if (!on) return this.toHash();
    if (this.at >= this.operations.length - 1) this.seek(0);
    let last = performance.now();
    let due = 0;
    const frame = (time) => {
      if (!this.isPlaying) return;
      due += ((time - last) * this.rate) / 1000;
      last = time;
      const whole = Math.floor(due);
      due -= whole;
      if (whole > 0) this.move(Math.min(this.at + whole, this.operations.length - 1));
      if (this.at >= this.operations.length - 1) return this.play(false);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  step(by) {
    if (this.isPlaying) this.play(false);
    this.move(Math.min(Math.max(this.at + by, 0), this.operations.length - 1));
    this.toHash();
  }

  seek(tick) {
    if (this.isPlaying) this.play(false);
    this.at = tick;
    this.draw(1);
    this.toHash();
  }

  /** Goes to a tick; blocks that move on the way there are seen to slide. */
  move(tick) {
    const isNext = tick === this.at + 1;
    this.at = tick;
    const slides = this.isWindow && isNext && this.rate <= SLIDING_RATE && !this.still.matches &&
      this.maps.some((map) => map.stays.slides[tick] > 0);
    if (!slides) return this.draw(1);
    const started = performance.now();
    const lasts = this.isPlaying ? Math.min(SLIDE_MS, 900 / this.rate) : SLIDE_MS;
    const frame = (time) => {
      if (this.at !== tick) return;
      const part = Math.min(1, Math.max(0, (time - started) / lasts));
      this.draw(part * part * (3 - 2 * part));
      if (part < 1) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  colorBy(by) {
    this.by = by;
    this.byChoice.value = by;
    this.recolor();
    this.toHash();
  }

  recolor() {
    this.colors = new Colors(this.maps, this.by, this.root);
    for (const { rows, map } of this.panels) paintRows(rows, map, this.colors);
    const swatch = (color, text) => {
      const sample = make("i", { class: "map-swatch" });
      sample.style.background = `rgb(${color})`;
      return make("span", {}, sample, text);
    };
    const { hole, wild, small } = this.colors.ground;
    let entries;
    if (this.by === "age") {
      const ages = [0, 10, 1000, 100000, 10000000].filter((age) => age < this.maps[0].to_operation);
      entries = ages.map((age) => swatch(this.colors.age(age), age ? `${exact(age)} operations old` : "new"));
    } else if (this.by === "size") {
      const { smallest, largest } = this.colors;
      const some = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(smallest + (largest - smallest) * part));
      entries = [...new Set(some)].map((bits) => swatch(this.colors.size(bits), `from ${bytes(2 ** (bits - 1))}`));
    } else {
      const names = this.maps[0][`${this.by}s`] || [];
      entries = names.map((name, at) => swatch(this.colors.named(at + 1), this.by === "thread" ? `thread ${cut(name)}` : cut(name)));
    }
    entries.push(swatch(hole, "hole"), swatch(wild, "behind the last block"));
    if (this.maps.some((map) => map.failure)) entries.push(swatch(small, "refused: these holes were too small"));
    this.legend.replaceChildren(...entries);
    this.draw(1);
  }

  draw(part) {
    const operation = this.operations[this.at];
    this.scrub.value = this.at;
    const name = operation < this.maps[0].from_operation ? `before operation ${exact(this.maps[0].from_operation)}` : `operation ${exact(operation)}`;
    this.readout.textContent = name;
    this.scrub.setAttribute("aria-valuetext", name);
    for (const panel of this.panels) this.drawPanel(panel, operation, part);
  }

  drawPanel(panel, operation, part) {
    const { map, view } = panel;
    panel.row = lastUpTo(map.rows.operation_index, operation);
    const count = map.rows.operation_index.length;
    panel.cursor.style.top = `${((panel.row + 1) / count) * 100}%`;
    const failed = map.failure && operation >= map.failure.operation - (this.isWindow ? 1 : 0) ? map.failure : null;
    const over = map.failure && operation >= map.failure.operation;
    let text;
    if (map.stays) {
      const tick = Math.min(this.at, map.stays.count);
      view.stays(tick, operation, this.colors, panel.chosen, part, failed || (map.failure && tick === map.stays.count ? map.failure : null));
      text = `${exact(map.stays.liveCount)} blocks`;
      if (map.stays.slides[tick] && !over) text += `, ${exact(map.stays.slides[tick])} moved`;
    } else {
      view.row(panel.row, panel.rows, this.colors);
      text = panel.row < 0 ? "empty" : `${bytes(map.rows.live_bytes[panel.row])} live, used up to ${bytes(map.rows.end_bytes[panel.row])}`;
    }
    const last = map.failure && (over || panel.row === count - 1);
    if (last) text += `; refused ${bytes(map.failure.requested_bytes)}, largest hole ${bytes(map.failure.largest_hole_bytes)}`;
    panel.line.textContent = text;
    panel.line.classList.toggle("map-refused", Boolean(last));
    panel.now.setAttribute("aria-label", `${cut(map.strategy)} at ${this.readout.textContent}: ${text}. ${panel.hint}.`);
  }

  /** Tells of what covers an offset now. */
  choose(panel, offset) {
    const { map } = panel;
    panel.chosen = -1;
    if (map.stays) {
      const stay = map.stays.at(offset);
      panel.chosen = stay < 0 ? -1 : map.stays.block[stay];
      panel.told.textContent = stay < 0 ? `Free at ${exact(offset)}.` : this.tellOfStay(map, stay);
    } else {
      panel.told.textContent = this.tellOfColumn(map, panel.row, offset);
    }
    this.draw(1);
  }

  tellOfStay(map, stay) {
    const { stays } = map;
    const block = stays.blocks[stays.block[stay]];
    const age = this.operations[this.at] - block.born;
    let text = `Slot ${block.slot}: ${exact(stays.size[stay])} bytes asked for, ${exact(stays.len[stay])} long, at ${exact(stays.offset[stay])}. ` +
      `Allocated by operation ${exact(block.born)}, ${exact(age)} operations ago`;
    if (block.thread) text += `, by thread ${cut(map.threads[block.thread - 1])}`;
    if (block.site) text += `, from ${cut(map.sites[block.site - 1])}`;
    text += block.freed < 0 ? "; never freed" : `; freed by operation ${exact(block.freed)}`;
    if (block.moves) text += `; moved ${block.moves === 1 ? "once" : `${exact(block.moves)} times`} in this window`;
    return `${text}.`;
  }

  tellOfColumn(map, row, offset) {
    if (row < 0) return "The heap is empty.";
    const { columns, operation_index: operations } = map.rows;
    const column = Math.min(columns - 1, Math.floor((offset * columns) / map.extent_bytes));
    const edge = (at) => exact(Math.floor((map.extent_bytes * at) / columns));
    const at = row * columns + column;
    const fill = map.layers.fill[at];
    const place = `Bytes ${edge(column)} to ${edge(column + 1)}`;
    if (!fill) return `${place} are free.`;
    const { born, size } = map.layers;
    let later = row;
    while (later < operations.length && born[later * columns + column] === born[at] && size[later * columns + column] === size[at]) later++;
    const bits = size[at];
    let text = `${place}: ${fill === 8 ? "all" : `about ${Math.round((fill / 8) * 100)} %`} live, most of it a block of ` +
      `${exact(2 ** (bits - 1))} to ${exact(2 ** bits - 1)} bytes, allocated by operation ${exact(operations[born[at] - 1])} at the latest`;
    if (map.threads?.length && map.layers.thread[at]) text += `, by thread ${cut(map.threads[map.layers.thread[at] - 1])}`;
    if (map.sites?.length && map.layers.site[at]) text += `, from ${cut(map.sites[map.layers.site[at] - 1])}`;
    text += later < operations.length ? `; gone by operation ${exact(operations[later])}` : "; there to the end";
    return `${text}.`;
  }

  chooseByKey(panel, event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { map } = panel;
    if (event.key === "Enter" || step) {
      event.preventDefault();
      event.stopPropagation();
      if (map.stays) {
        map.stays.seek(Math.min(this.at, map.stays.count));
        const order = map.stays.ordered();
        if (!order.length) return;
        const at = order.findIndex((stay) => map.stays.block[stay] === panel.chosen);
        const next = order[at < 0 ? 0 : (at + (step || 0) + order.length) % order.length];
        this.choose(panel, map.stays.offset[next]);
      } else {
        panel.column = Math.min(Math.max((panel.column ?? -1) + (step || 0), 0), map.rows.columns - 1);
        this.choose(panel, Math.ceil((panel.column * map.extent_bytes) / map.rows.columns));
      }
    }
  }

  key(event) {
    if (event.target.matches("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.matches("button")) return;
    const action = {
      " ": () => this.play(!this.isPlaying),
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      Home: () => this.seek(0),
      End: () => this.seek(this.operations.length - 1),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** Leaves word of the place for the address, once nobody has moved it for a moment. */
  toHash() {
    clearTimeout(this.leaving);
    const detail = { map: this.id, operation: this.operations[this.at], color: this.by };
    this.leaving = setTimeout(() => dispatchEvent(new CustomEvent("heap-map", { detail })), 250);
  }

  fromHash() {
    const entries = new URLSearchParams(location.hash.slice(1));
    const last = this.operations.length - 1;
    if (entries.get("map") !== this.id) {
      this.at = this.isWindow ? 0 : last;
      return;
    }
    this.at = this.tickOf(Number(entries.get("operation")));
    const by = entries.get("color");
    if ([...this.byChoice.options].some((option) => option.value === by)) {
      this.by = by;
      this.byChoice.value = by;
    }
    this.root.closest("details")?.setAttribute("open", "");
    this.root.scrollIntoView();
  }
}

/** The maps of the report that a page carries, by its element. */
const carried = new Map();
function mapsOf(element) {
  const read = async () => {
    let text = element.textContent;
    if (element.dataset.heaplabReport === "deflate") text = new TextDecoder().decode(await unpack(JSON.parse(text)));
    return JSON.parse(text).maps;
  };
  if (!carried.has(element)) carried.set(element, read());
  return carried.get(element);
}

function start() {
  const open = async (root) => {
    const maps = await mapsOf(root.closest(".report").querySelector("script[data-heaplab-report]"));
    const own = root.dataset.maps.split(" ").map((index) => ({ ...maps[index], index }));
    await Promise.all(own.map(load));
    // Whoever tests a page asks here for the player.
    root.player = new Player(root, own);
  };
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      open(target).catch((error) => console.error(error));
    }
  }, { rootMargin: "400px" });
  const named = new URLSearchParams(location.hash.slice(1)).get("map");
  for (const root of document.querySelectorAll(".map-player")) {
    if (root.id === named) root.closest("details")?.setAttribute("open", "");
    seen.observe(root);
  }
}
