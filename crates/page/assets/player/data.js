// What a heap map holds, unpacked for drawing.

/** The bytes behind base64 and zlib. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The largest index at which `values` holds no more than `wanted`; -1 for none. */
function lastUpTo(values, wanted) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Layers of rows × columns bytes, by name. */
async function unpackRows(map) {
  const { rows } = map;
  const count = rows.operation_index.length;
  const bytes = await unpack(rows.data);
  const size = count * rows.columns;
  const layers = {};
  rows.layers.forEach((name, at) => {
    const layer = bytes.subarray(at * size, (at + 1) * size);
    for (let cell = rows.columns; cell < size; cell++) layer[cell] += layer[cell - rows.columns];
    layers[name] = layer;
  });
  return layers;
}

/**
 * Every block of a window as stays: a block in one place with one size, from a tick to before another.
 * Tick 0 is the heap before the window, tick t the heap after its operation t - 1.
 */
class Stays {
  constructor(map, steps) {
    const operations = steps.operations;
    this.count = operations.kind.length;
    this.from = [];
    this.to = [];
    this.block = [];
    this.offset = [];
    this.len = [];
    this.size = [];
    /** The stay of the same block that ended when this one began; -1 for none. */
    this.before = [];
    this.blocks = [];
    const here = new Map();
    const forever = this.count + 1;
    const begin = (tick, block, offset, len, size, before) => {
      here.set(this.blocks[block].slot, this.from.length);
      this.from.push(tick);
      this.to.push(forever);
      this.block.push(block);
      this.offset.push(offset);
      this.len.push(len);
      this.size.push(size);
      this.before.push(before);
    };
    const born = (columns, at, operation) =>
      this.blocks.push({
        slot: columns.slot[at],
        born: operation,
        thread: columns.thread[at] || 0,
        site: columns.site[at] || 0,
        freed: -1,
        moves: 0,
      }) - 1;
    const change = (tick, slot, offset, len, size) => {
      const old = here.get(slot);
      const block = this.block[old];
      if (this.offset[old] !== offset) this.blocks[block].moves++;
      if (this.from[old] === tick) {
        this.offset[old] = offset;
        this.len[old] = len;
        this.size[old] = size;
        return;
      }
      this.to[old] = tick;
      begin(tick, block, offset, len, size, old);
    };
    const initial = steps.before;
    initial.slot.forEach((_, at) =>
      begin(0, born(initial, at, initial.born[at]), initial.offset[at], initial.len[at], initial.size[at], -1));
    const moves = steps.moves;
    let moved = 0;
    /** Relocations of each tick, for those who want to know whether anything slid. */
    this.slides = new Uint32Array(forever + 1);
    for (let at = 0; at < this.count; at++) {
      const tick = at + 1;
      const slot = operations.slot[at];
      const kind = operations.kind[at];
      if (kind === 2) {
        const stay = here.get(slot);
        this.to[stay] = tick;
        this.blocks[this.block[stay]].freed = map.from_operation + at;
        here.delete(slot);
      }
      for (; moved < moves.step.length && moves.step[moved] === at; moved++) {
        const stay = here.get(moves.slot[moved]);
        change(tick, moves.slot[moved], moves.to[moved], this.len[stay], this.size[stay]);
        this.slides[tick]++;
      }
      const [offset, len, size] = [operations.offset[at], operations.len[at], operations.size[at]];
      if (kind === 0) begin(tick, born(operations, at, map.from_operation + at), offset, len, size, -1);
      if (kind === 1) change(tick, slot, offset, len, size);
    }
    steps.fates.slot.forEach((slot, at) => {
      if (here.has(slot)) this.blocks[this.block[here.get(slot)]].freed = steps.fates.freed[at] - 1;
    });
    this.index();
  }

  /** Which stays begin and end at each tick. */
  index() {
    const total = this.from.length;
    const byTick = (ticks) => {
      const start = new Uint32Array(this.count + 3);
      for (const tick of ticks) start[tick + 1]++;
      for (let tick = 1; tick < start.length; tick++) start[tick] += start[tick - 1];
      const next = start.slice();
      const list = new Uint32Array(total);
      ticks.forEach((tick, stay) => (list[next[tick]++] = stay));
      return (tick) => list.subarray(start[tick], start[tick + 1]);
    };
    this.begun = byTick(this.from);
    this.ended = byTick(this.to);
    this.live = new Uint32Array(total);
    this.place = new Int32Array(total).fill(-1);
    this.liveCount = 0;
    this.tick = 0;
    this.begun(0).forEach((stay) => this.add(stay));
  }

  add(stay) {
    this.place[stay] = this.liveCount;
    this.live[this.liveCount++] = stay;
  }

  remove(stay) {
    const last = this.live[--this.liveCount];
    this.live[this.place[stay]] = last;
    this.place[last] = this.place[stay];
    this.place[stay] = -1;
  }

  /** Makes `live` hold the stays of a tick. */
  seek(tick) {
    if (Math.abs(tick - this.tick) > 2000) {
      this.liveCount = 0;
      this.place.fill(-1);
      for (let stay = 0; stay < this.from.length; stay++)
        if (this.from[stay] <= tick && tick < this.to[stay]) this.add(stay);
      this.tick = tick;
    }
    while (this.tick < tick) {
      this.tick++;
      for (const stay of this.ended(this.tick)) this.remove(stay);
      for (const stay of this.begun(this.tick)) this.add(stay);
    }
    while (this.tick > tick) {
      for (const stay of this.begun(this.tick)) this.remove(stay);
      for (const stay of this.ended(this.tick)) this.add(stay);
      this.tick--;
    }
  }

  /** The live stay that covers an offset; -1 for none. */
  at(offset) {
    for (let at = 0; at < this.liveCount; at++) {
      const stay = this.live[at];
      if (this.offset[stay] <= offset && offset < this.offset[stay] + this.len[stay]) return stay;
    }
    return -1;
  }

  /** The live stays in address order. */
  ordered() {
    return Array.from(this.live.subarray(0, this.liveCount)).sort((a, b) => this.offset[a] - this.offset[b]);
  }
}
