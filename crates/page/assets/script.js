// What moves on the page. Everything is readable without it; it adds sorting, filters, highlights and read-outs.
(() => {
  'use strict';
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const state = new Map();
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const say = (text) => { $('status').textContent = text; };
  const make = (name, props, ...inside) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...inside);
    return made;
  };

  // The state lives in the address behind "#": name=value pairs, "at" for the place.
  const names = (id) => all(`#${id} option`).map((it) => it.textContent);
  const controls = { t: 'f-trace', h: 'f-heap', s: 'f-strategy', hl: 'f-light' };
  const read = () => {
    const hash = location.hash.slice(1);
    state.clear();
    if (hash.includes('=')) for (const [key, value] of new URLSearchParams(hash)) state.set(key, value);
    for (const [key, id] of Object.entries(controls)) {
      const control = $(id);
      if (!control) continue;
      const value = state.get(key) ?? '';
      if (control.tagName === 'SELECT') control.selectedIndex = Math.max(0, names(id).indexOf(value));
      else control.value = value;
    }
  };
  const write = () => {
    const text = new URLSearchParams([...state].filter(([, value]) => value)).toString();
    history.replaceState(null, '', text ? `#${text}` : location.pathname + location.search);
    apply();
  };
  const set = (key, value) => { if (value) state.set(key, value); else state.delete(key); write(); };

  // Filters and highlights are rules of a style sheet: no element is touched.
  const matches = (pattern, name) => {
    const wanted = pattern.split(',').map((it) => it.trim().toLowerCase()).filter(Boolean);
    if (!wanted.length) return true;
    const glob = (it) => new RegExp(`^${it.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
    return wanted.some((it) => /[*?]/.test(it) ? glob(it).test(name) : name.includes(it));
  };
  const strategies = () => names('f-light').slice(1).map((it) => it.toLowerCase());
  const apply = () => {
    const rules = [];
    const only = (id, key) => {
      const at = $(id) ? $(id).selectedIndex - 1 : -1;
      if (at >= 0) rules.push(`[data-${key}]:not([data-${key}="${at}"]):not(#controls *) { display: none !important }`);
    };
    only('f-trace', 't');
    only('f-heap', 'h');
    const pattern = state.get('s') ?? '';
    let shown = 0;
    strategies().forEach((name, index) => {
      if (matches(pattern, name)) { shown += 1; return; }
      rules.push(`[data-s="${index}"], figure .k${index} { display: none !important }`);
    });
    const light = $('f-light') ? $('f-light').selectedIndex - 1 : -1;
    if (light >= 0) {
      rules.push(`figure .k:not(.k${light}), figure .ring { opacity: .12 }`);
      rules.push(`figure .k${light}.s { stroke-width: 6 }`);
      rules.push(`tr[data-s="${light}"] > * { box-shadow: inset 0 2px var(--ink), inset 0 -2px var(--ink) }`);
    }
    sheet.replaceSync(rules.join('\n'));
    all('.legend button').forEach((it) => it.setAttribute('aria-pressed', String(it.parentElement.dataset.s === String(light))));
    const theme = state.get('theme');
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    $('b-theme').textContent = `Theme: ${theme ?? 'system'}`;
    const linear = state.get('scale') === 'linear';
    if (linear) root.dataset.scale = 'linear'; else delete root.dataset.scale;
    $('b-scale')?.setAttribute('aria-pressed', String(linear));
    if (pattern) say(`${shown} strategies shown`);
  };

  // An anchor inside something folded opens it.
  const reveal = (id) => {
    const target = $(id);
    for (let it = target; it; it = it.parentElement) if (it.tagName === 'DETAILS') it.open = true;
    if (target) target.scrollIntoView({ block: 'center' });
  };
  const place = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    const id = hash.includes('=') ? state.get('at') : hash;
    if (id) reveal(id);
  };
  // A link keeps the filters: the place joins them in the address.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || !state.size || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const id = decodeURIComponent(link.hash.slice(1));
    set('at', id);
    reveal(id);
    $(id)?.focus?.({ preventScroll: true });
  });

  // Sorting: blocks keep their order, rows are sorted within them.
  const sort = (table, column, button) => {
    const head = button.closest('th');
    const down = head.getAttribute('aria-sort') === 'ascending';
    all('th[aria-sort]', table).forEach((it) => it.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const value = (row) => {
      const cell = row.cells[column];
      if (!cell) return '';
      const number = cell.dataset.v ?? cell.textContent.replace(/[\s ]/g, '').match(/^-?[\d.]+$/)?.[0];
      return number === undefined ? (cell.matches('.n, .word') ? Infinity : cell.textContent.trim()) : Number(number);
    };
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (typeof x === 'number' && typeof y === 'number') {
        // What has no number stands last both ways.
        if (x === Infinity || y === Infinity) return x === y ? 0 : x === Infinity ? 1 : -1;
        return down ? y - x : x - y;
      }
      return String(x).localeCompare(String(y)) * (down ? -1 : 1);
    };
    for (const body of table.tBodies) {
      if (body.matches('.label, .bounds')) continue;
      body.append(...[...body.rows].sort(order));
    }
    say(`sorted by ${head.textContent.trim()}, ${down ? 'descending' : 'ascending'}`);
  };

  const tables = () => {
    for (const table of all('table.data')) {
      all('thead th', table).forEach((head, column) => {
        const link = head.querySelector('a');
        const words = (link ?? head).textContent.trim();
        const button = make('button', { type: 'button', textContent: '⇅', title: `Sort by ${words}` });
        button.setAttribute('aria-label', `Sort by ${words}`);
        button.onclick = () => sort(table, column, button);
        head.append(' ', button);
      });
      const tool = (word, text) => make('button', { type: 'button', textContent: word, onclick: () => copy(text(table), word) });
      const bar = make('div', { className: 'tools' }, tool('Copy as Markdown', markdown), tool('Copy as CSV', csv));
      (table.closest('.scroll') ?? table).after(bar);
    }
  };
  const seen = (it) => getComputedStyle(it).display !== 'none';
  const rows = (table) => [...table.rows].filter((row) => seen(row) && row.cells.length > 1)
    .map((row) => [...row.cells].filter(seen).map((it) => it.textContent.replace(/[⇅◎]/g, '').replace(/\s+/g, ' ').trim()));
  const markdown = (table) => rows(table).map((row, at) => {
    const line = `| ${row.map((it) => it.replaceAll('|', '\\|')).join(' | ')} |`;
    return at ? line : `${line}\n|${row.map((_, column) => column ? ' ---: |' : ' --- |').join('')}`;
  }).join('\n');
  const csv = (table) => rows(table)
    .map((row) => row.map((it) => /[",\n]/.test(it) ? `"${it.replaceAll('"', '""')}"` : it).join(',')).join('\n');
  const copy = async (text, word) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = make('textarea', { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    say(`${word}: done`);
  };

  const legends = () => {
    for (const item of all('.legend li[data-s]')) {
      const button = make('button', { type: 'button', title: 'Bring forward in every chart' }, ...item.childNodes);
      item.append(button);
      button.setAttribute('aria-pressed', 'false');
      button.onclick = () => {
        const name = names('f-light')[Number(item.dataset.s) + 1];
        set('hl', state.get('hl') === name ? '' : name);
        if ($('f-light')) { read(); apply(); }
      };
    }
  };

  // Read-outs: the nearest point under the pointer; with the keyboard, point by point.
  const readouts = () => {
    for (const figure of all('figure.chart')) {
      let at = -1;
      const box = figure.querySelector('.scroll');
      const label = make('div', { className: 'readout', hidden: true });
      figure.append(label);
      const points = () => {
        const svg = all('svg.one, svg.two', figure).find(seen);
        if (!svg) return [];
        svg.points ??= svg.dataset.p.split('\n').flatMap((line) => {
          const [index, name, ...list] = line.split('\t');
          return list.map((it) => {
            const [x, y, ...text] = it.split(',');
            return { svg, index, x: Number(x), y: Number(y), text: `${name}: ${text.join(',')}` };
          });
        });
        return svg.points.filter((it) => { const mark = svg.querySelector(`.k${it.index}`); return !mark || seen(mark); });
      };
      const hide = () => { label.hidden = true; figure.querySelector('.dot')?.remove(); };
      const show = (point) => {
        hide();
        if (!point) return;
        const { svg } = point;
        const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
        for (const [key, value] of [['class', 'dot'], ['cx', point.x], ['cy', point.y], ['r', 9]]) dot.setAttribute(key, value);
        svg.append(dot);
        const [inner, outer] = [svg.getBoundingClientRect(), figure.getBoundingClientRect()];
        const scale = inner.width / svg.viewBox.baseVal.width;
        label.textContent = point.text;
        label.hidden = false;
        const half = label.offsetWidth / 2;
        const left = inner.left - outer.left + point.x * scale;
        label.style.left = `${Math.min(Math.max(left, half), Math.max(half, outer.width - half))}px`;
        label.style.top = `${inner.top - outer.top + point.y * scale}px`;
      };
      box.addEventListener('pointermove', (event) => {
        const list = points();
        if (!list.length) return;
        const inner = list[0].svg.getBoundingClientRect();
        const scale = list[0].svg.viewBox.baseVal.width / inner.width;
        const [x, y] = [(event.clientX - inner.left) * scale, (event.clientY - inner.top) * scale];
        const far = (it) => (it.x - x) ** 2 + (it.y - y) ** 2;
        const best = list.reduce((a, b) => far(b) < far(a) ? b : a);
        if (far(best) < 3600) show(best); else hide();
      });
      box.addEventListener('pointerleave', hide);
      box.addEventListener('blur', hide);
      box.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (event.key === 'Escape') hide();
        const list = points();
        if (!step || !list.length) return;
        event.preventDefault();
        at = (at + step + list.length) % list.length;
        show(list[at]);
        say(list[at].text);
      });
    }
  };

  // The report as it was: plain, or packed without loss.
  const download = async () => {
    const block = document.querySelector('script[data-heaplab-report]');
    let text = block.textContent;
    if (block.dataset.heaplabReport === 'deflate') {
      const bytes = Uint8Array.from(atob(JSON.parse(text)), (sign) => sign.charCodeAt(0));
      text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
    }
    const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'report.json' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const start = () => {
    $('controls').hidden = false;
    $('controls').onsubmit = () => false;
    for (const [key, id] of Object.entries(controls)) {
      const control = $(id);
      if (!control) continue;
      const isSelect = control.tagName === 'SELECT';
      control.addEventListener('input', () => set(key, isSelect ? (control.selectedIndex ? names(id)[control.selectedIndex] : '') : control.value));
    }
    $('b-theme').onclick = () => set('theme', { dark: 'light', light: '' }[state.get('theme')] ?? 'dark');
    // A comparison has one scale and carries no report.
    $('b-scale')?.addEventListener('click', () => set('scale', state.get('scale') === 'linear' ? '' : 'linear'));
    $('b-data')?.addEventListener('click', download);
    tables();
    legends();
    readouts();
    let open = [];
    addEventListener('beforeprint', () => { open = all('details:not([open])'); open.forEach((it) => { it.open = true; }); });
    addEventListener('afterprint', () => open.forEach((it) => { it.open = false; }));
    // The players of heap maps keep their places in the address too.
    addEventListener('heap-map', ({ detail }) => {
      for (const [key, value] of Object.entries(detail)) state.set(key, String(value));
      write();
    });
    addEventListener('hashchange', () => { read(); apply(); place(); });
    read();
    apply();
    place();
    root.dataset.ready = String(Math.round(performance.now()));
  };
  start();
})();
