// Colors, and pixels.

/** Young to old, small to large: falls in lightness, and from orange to blue, so that nobody needs to tell red from green. */
const RAMP = [[240, 160, 48], [212, 178, 62], [118, 176, 98], [47, 146, 152], [62, 98, 176]];
/** Threads and call sites: Okabe and Ito. */
const NAMED = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [213, 94, 0], [180, 168, 40], [128, 128, 128]];
const UNKNOWN = [128, 128, 128];

const rgba = ([red, green, blue], alpha = 255) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const mix = (one, other, part) => one.map((value, at) => Math.round(value + (other[at] - value) * part));

function ramp(part) {
  const at = Math.min(Math.max(part, 0), 1) * (RAMP.length - 1);
  const below = Math.min(Math.floor(at), RAMP.length - 2);
  return mix(RAMP[below], RAMP[below + 1], at - below);
}
const STEPS = 64;
const RAMPED = Array.from({ length: STEPS + 1 }, (_, step) => ramp(step / STEPS));

/** The page's own colors, which change with its theme. */
function ground(element) {
  const dark = (() => {
    const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
    return red + green + blue > 380;
  })();
  return dark
    ? { hole: [10, 12, 16], wild: [52, 56, 64], chosen: [255, 255, 255], small: [255, 96, 60] }
    : { hole: [255, 255, 255], wild: [206, 209, 214], chosen: [0, 0, 0], small: [213, 60, 0] };
}

/** How a group of maps is colored: each function gives a place on the ramp or among the names. */
class Colors {
  constructor(maps, by, element) {
    this.by = by;
    this.ground = ground(element);
    this.oldest = Math.log2(2 + Math.max(...maps.map((map) => map.to_operation)));
    const sizes = maps.flatMap((map) => map.sizes);
    this.smallest = Math.min(...sizes);
    this.largest = Math.max(...sizes, this.smallest + 1);
  }

  age(operations) {
    return RAMPED[Math.min(STEPS, Math.round((Math.log2(1 + Math.max(operations, 0)) / this.oldest) * STEPS))];
  }

  size(bits) {
    return RAMPED[Math.round(((bits - this.smallest) / (this.largest - this.smallest)) * STEPS)] || RAMPED[0];
  }

  named(byte) {
    return byte === 0 ? UNKNOWN : NAMED[(byte - 1) % NAMED.length];
  }

  /** Of a stay of a window at an operation. */
  of(block, len, operation) {
    if (this.by === "age") return this.age(operation - block.born);
    if (this.by === "size") return this.size(32 - Math.clz32(Math.min(len, 0xffffffff)));
    return this.named(block[this.by]);
  }
}

/** When the block was allocated that covers most of each column of a window's rows; the rows alone know it of those that begin in the window. */
function bornOfColumns({ rows, stays, extent_bytes: extent, from_operation: from }) {
  const { columns, operation_index: operations } = rows;
  const born = new Float64Array(columns * operations.length);
  const most = new Float64Array(columns);
  operations.forEach((operation, row) => {
    stays.seek(operation - from + 1);
    most.fill(0);
    for (let at = 0; at < stays.liveCount; at++) {
      const stay = stays.live[at];
      const [start, end] = [stays.offset[stay], stays.offset[stay] + stays.len[stay]];
      for (let column = Math.floor((start * columns) / extent); column * extent < end * columns && column < columns; column++) {
        const covered = Math.min(end, ((column + 1) * extent) / columns) - Math.max(start, (column * extent) / columns);
        if (covered <= most[column]) continue;
        most[column] = covered;
        born[row * columns + column] = stays.blocks[stays.block[stay]].born;
      }
    }
  });
  return born;
}

/** All rows of a map, one pixel a column. */
function paintRows(canvas, map, colors) {
  const { columns, operation_index: operations, end_bytes: ends } = map.rows;
  const { fill, born, size } = map.layers;
  const named = map.layers[colors.by];
  const exactly = map.stays && colors.by === "age" ? bornOfColumns(map) : null;
  canvas.width = columns;
  canvas.height = operations.length;
  const image = new ImageData(columns, operations.length);
  const pixels = new Uint32Array(image.data.buffer);
  const { hole, wild } = colors.ground;
  for (let row = 0, at = 0; row < operations.length; row++) {
    const end = (ends[row] * columns) / map.extent_bytes;
    for (let column = 0; column < columns; column++, at++) {
      if (fill[at] === 0) {
        pixels[at] = rgba(column < end ? hole : wild);
        continue;
      }
      let color;
      if (exactly) color = colors.age(operations[row] - exactly[at]);
      else if (colors.by === "age") color = colors.age(operations[row] - operations[Math.max(born[at] - 1, 0)]);
      else if (colors.by === "size") color = colors.size(size[at]);
      else color = colors.named(named[at]);
      pixels[at] = rgba(mix(hole, color, 0.3 + (0.7 * fill[at]) / 8));
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/**
 * The heap at one tick, folded into lines like the lines of a text: each address has one place on them.
 * A window shows every block; without one, the columns of a row.
 */
class Now {
  constructor(canvas, map) {
    this.canvas = canvas;
    this.map = map;
    this.sheet = document.createElement("canvas");
    const most = map.stays ? Math.max(map.steps.blocks, map.stays.liveCount, map.stays.count / 2) : map.rows.columns / 8;
    const granules = map.extent_bytes / map.granule_bytes;
    canvas.width = 640;
    this.lines = Math.max(1, Math.min(48, Math.ceil((Math.min(most, granules) * 5) / canvas.width)));
    canvas.height = this.lines * Math.max(3, Math.min(48, Math.floor(144 / this.lines)));
    this.sheet.width = canvas.width;
    this.sheet.height = this.lines;
    this.places = canvas.width * this.lines;
    this.image = new ImageData(canvas.width, this.lines);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  place(offset) {
    return Math.floor((offset / this.map.extent_bytes) * this.places);
  }

  /** The offset under a point of the canvas, given as parts of its width and height. */
  offset(across, down) {
    const line = Math.min(this.lines - 1, Math.floor(down * this.lines));
    return Math.floor(((line + across) / this.lines) * this.map.extent_bytes);
  }

  fill(from, to, color) {
    this.pixels.fill(color, from, Math.max(to, from + 1));
  }

  show() {
    this.sheet.getContext("2d").putImageData(this.image, 0, 0);
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.sheet, 0, 0, this.canvas.width, this.canvas.height);
  }

  /** `part` says how far blocks have come that are sliding, from 0 to 1. */
  stays(tick, operation, colors, chosen, part, failed) {
    const { stays } = this.map;
    stays.seek(tick);
    const { hole, wild } = colors.ground;
    let end = 0;
    for (let at = 0; at < stays.liveCount; at++) {
      const stay = stays.live[at];
      end = Math.max(end, stays.offset[stay] + stays.len[stay]);
    }
    this.pixels.fill(rgba(wild));
    this.fill(0, end > 0 ? this.place(end) : 0, rgba(end > 0 ? hole : wild));
    if (failed) {
      failed.hole_offset_bytes.forEach((offset, at) =>
        this.fill(this.place(offset), this.place(offset + failed.hole_bytes[at]), rgba(colors.ground.small)));
    }
    for (let at = 0; at < stays.liveCount; at++) {
      const stay = stays.live[at];
      const block = stays.block[stay];
      let offset = stays.offset[stay];
      const before = stays.before[stay];
      if (part < 1 && before >= 0 && stays.from[stay] === tick) offset = stays.offset[before] + (offset - stays.offset[before]) * part;
      const color = colors.of(stays.blocks[block], stays.len[stay], operation);
      const [from, to] = [this.place(offset), this.place(offset + stays.len[stay])];
      this.fill(from, to, rgba(color));
      // A seam where there is room for one, so that neighbors of one color stay two blocks.
      if (to - from > 2) this.pixels[to - 1] = rgba(mix(color, hole, 0.7));
      if (block === chosen) this.fill(from, to, rgba(colors.ground.chosen));
    }
    this.show();
  }

  /** A row of the map; the same colors as in its picture. */
  row(row, picture, colors) {
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.fillStyle = `rgb(${colors.ground.wild})`;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (row < 0) return;
    const height = this.canvas.height / this.lines;
    const part = picture.width / this.lines;
    for (let line = 0; line < this.lines; line++)
      context.drawImage(picture, line * part, row, part, 1, 0, line * height, this.canvas.width, height);
  }
}
