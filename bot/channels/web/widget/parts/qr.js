// A QR code of bytes (ISO/IEC 18004, model 2, byte mode), drawn on the device: no service ever sees what is in it.

// For versions 1 to 40: error correction bytes in each block, and how many blocks there are.
/** @type {Record<string, {format: number, correction: number[], blocks: number[]}>} */
const LEVELS = {
  M: {
    format: 0,
    correction: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
      26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28],
    blocks: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
      17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
  },
  L: {
    format: 1,
    correction: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
      28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
    blocks: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
      8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25],
  },
};
const LARGEST_M = 20; // the last version with level M: beyond, large modules on a small screen help more than correction
const QUIET = 4; // modules of white around the code

/** @type {((row: number, column: number) => boolean)[]} */
const MASKS = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

// --- bytes and their correction ------------------------------------------------------------------------------

const EXP = new Uint8Array(255); // powers of 2 in GF(256) with x^8 + x^4 + x^3 + x^2 + 1
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

/** @param {number} one @param {number} other */
const times = (one, other) => (one && other ? EXP[(LOG[one] + LOG[other]) % 255] : 0);

/** The generator polynomial of a degree, without its leading 1.
 * @param {number} degree */
function generator(degree) {
  let polynomial = [1];
  for (let power = 0; power < degree; power += 1) {
    const next = [...polynomial, 0];
    polynomial.forEach((factor, at) => { next[at + 1] ^= times(factor, EXP[power]); });
    polynomial = next;
  }
  return polynomial.slice(1);
}

/** Reed-Solomon: what is left of the data divided by the generator.
 * @param {Uint8Array} data @param {number[]} divisor */
function correctionOf(data, divisor) {
  const rest = new Uint8Array(divisor.length);
  for (const byte of data) {
    const factor = byte ^ rest[0];
    rest.copyWithin(0, 1);
    rest[rest.length - 1] = 0;
    divisor.forEach((part, at) => { rest[at] ^= times(part, factor); });
  }
  return rest;
}

/** Bytes of a version, correction included.
 * @param {number} version */
function room(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const along = Math.floor(version / 7) + 2;
    modules -= (25 * along - 10) * along - 55;
  }
  return Math.floor((modules - (version >= 7 ? 36 : 0)) / 8);
}

/** Bytes of data of a version.
 * @param {number} version @param {string} level */
function capacity(version, level) {
  return room(version) - LEVELS[level].correction[version - 1] * LEVELS[level].blocks[version - 1];
}

/** The smallest version the bytes fit in: at a level, or at M up to LARGEST_M and L beyond.
 * @param {number} length @param {"M" | "L"} [wanted] @returns {[number, string]} */
function fitting(length, wanted) {
  for (const level of wanted ? [wanted] : ["M", "L"]) {
    const last = wanted || level === "L" ? 40 : LARGEST_M;
    for (let version = 1; version <= last; version += 1) {
      const bits = 4 + (version < 10 ? 8 : 16) + 8 * length;
      if (bits <= 8 * capacity(version, level)) return [version, level];
    }
  }
  throw new RangeError("too much for a QR code");
}

/** Mode, length, data and padding.
 * @param {Uint8Array} bytes @param {number} version @param {string} level */
function codewords(bytes, version, level) {
  const data = new Uint8Array(capacity(version, level));
  let end = 0; // in bits
  const push = (/** @type {number} */ value, /** @type {number} */ count) => {
    for (let bit = count - 1; bit >= 0; bit -= 1, end += 1) data[end >> 3] |= ((value >> bit) & 1) << (7 - (end & 7));
  };
  push(4, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  let pad = 0xec; // after the four zeros of the end, which the array already holds
  for (let at = Math.ceil(Math.min(end + 4, data.length * 8) / 8); at < data.length; at += 1, pad ^= 0xec ^ 0x11) data[at] = pad;
  return data;
}

/** All bytes in the order in which they are drawn: block by block in turn, then their correction.
 * @param {Uint8Array} data @param {number} version @param {string} level */
function interleaved(data, version, level) {
  const count = LEVELS[level].blocks[version - 1];
  const divisor = generator(LEVELS[level].correction[version - 1]);
  const short = Math.floor(data.length / count);
  const longer = data.length % count; // so many blocks at the end have one byte more
  /** @type {Uint8Array[]} */
  const blocks = [];
  for (let index = 0, at = 0; index < count; index += 1) {
    const size = short + (index >= count - longer ? 1 : 0);
    blocks.push(data.subarray(at, at + size));
    at += size;
  }
  const corrections = blocks.map((block) => correctionOf(block, divisor));
  const all = [];
  for (let at = 0; at <= short; at += 1) for (const block of blocks) if (at < block.length) all.push(block[at]);
  for (let at = 0; at < divisor.length; at += 1) for (const correction of corrections) all.push(correction[at]);
  return all;
}

// --- modules -------------------------------------------------------------------------------------------------

/** Rows and columns of the alignment patterns' centres.
 * @param {number} version @param {number} size */
function centres(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => size - 7 - (count - 2 - index) * step)];
}

/** A value with its remainder behind it (BCH).
 * @param {number} value @param {number} polynomial @param {number} degree */
function protectedBits(value, polynomial, degree) {
  let rest = value << degree;
  for (let bit = 31 - Math.clz32(rest); bit >= degree; bit = 31 - Math.clz32(rest)) rest ^= polynomial << (bit - degree);
  return (value << degree) | rest;
}

/** A code under way; `taken` are the modules that carry no data. */
class Grid {
  /** @param {number} version */
  constructor(version) {
    this.size = 17 + 4 * version;
    const empty = () => Array.from({ length: this.size }, () => /** @type {boolean[]} */ (new Array(this.size).fill(false)));
    this.dark = empty();
    this.taken = empty();
    this.patterns(version);
  }

  /** @param {number} row @param {number} column @param {boolean} dark */
  set(row, column, dark) {
    if (row < 0 || column < 0 || row >= this.size || column >= this.size) return;
    this.dark[row][column] = dark;
    this.taken[row][column] = true;
  }

  /** Rings around a centre: dark unless their distance is one of `light`.
   * @param {number} row @param {number} column @param {number} reach @param {number[]} light */
  rings(row, column, reach, light) {
    for (let down = -reach; down <= reach; down += 1) {
      for (let right = -reach; right <= reach; right += 1) {
        this.set(row + down, column + right, !light.includes(Math.max(Math.abs(down), Math.abs(right))));
      }
    }
  }

  /** @param {number} version */
  patterns(version) {
    const last = this.size - 1;
    for (let at = 0; at <= last; at += 1) {
      this.set(6, at, at % 2 === 0);
      this.set(at, 6, at % 2 === 0);
    }
    const along = centres(version, this.size);
    for (const row of along) {
      for (const column of along) {
        const corner = [row, column].filter((at) => at === 6).length + [row, column].filter((at) => at === last - 6).length;
        if (corner < 2 || (row === last - 6 && column === last - 6)) this.rings(row, column, 2, [1]);
      }
    }
    for (const [row, column] of [[3, 3], [3, last - 3], [last - 3, 3]]) this.rings(row, column, 4, [2, 4]);
    this.format(0, 0);
    if (version < 7) return;
    const bits = protectedBits(version, 0x1f25, 12);
    for (let bit = 0; bit < 18; bit += 1) {
      const far = last - 10 + (bit % 3);
      this.set(Math.floor(bit / 3), far, ((bits >> bit) & 1) === 1);
      this.set(far, Math.floor(bit / 3), ((bits >> bit) & 1) === 1);
    }
  }

  /** Level and mask, twice.
   * @param {number} level @param {number} mask */
  format(level, mask) {
    const bits = protectedBits((level << 3) | mask, 0x537, 10) ^ 0x5412;
    for (let bit = 0; bit < 15; bit += 1) {
      const dark = ((bits >> bit) & 1) === 1;
      this.set(bit < 6 ? bit : bit < 8 ? bit + 1 : this.size - 15 + bit, 8, dark);
      this.set(8, bit < 8 ? this.size - 1 - bit : bit === 8 ? 7 : 14 - bit, dark);
    }
    this.set(this.size - 8, 8, true);
  }

  /** Data in columns of two, upwards and downwards in turn, from the right.
   * @param {number[]} bytes */
  fill(bytes) {
    let bit = 0;
    for (let right = this.size - 1, up = true; right > 0; right -= 2, up = !up) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const row = up ? this.size - 1 - step : step;
        for (const column of [right, right - 1]) {
          if (this.taken[row][column]) continue;
          this.dark[row][column] = ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1) === 1; // beyond the last byte: light
          bit += 1;
        }
      }
    }
  }

  /** Masking twice undoes it.
   * @param {number} mask */
  mask(mask) {
    for (let row = 0; row < this.size; row += 1) {
      for (let column = 0; column < this.size; column += 1) {
        if (!this.taken[row][column] && MASKS[mask](row, column)) this.dark[row][column] = !this.dark[row][column];
      }
    }
  }
}

const FINDER = /(?=10111010000|00001011101)/g;

/** How hard a code is to read, by the four rules of the standard.
 * @param {boolean[][]} dark */
function penalty(dark) {
  const size = dark.length;
  const columns = dark.map((_, column) => dark.map((row) => row[column]));
  let points = 0;
  let count = 0;
  for (const line of [...dark, ...columns]) {
    const text = line.map(Number).join("");
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * (text.match(FINDER) || []).length;
  }
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const here = dark[row][column];
      if (here) count += 1;
      if (row && column && here === dark[row - 1][column] && here === dark[row][column - 1]
        && here === dark[row - 1][column - 1]) points += 3;
    }
  }
  return points + 10 * Math.floor(Math.abs((count / size / size) * 100 - 50) / 5);
}

/**
 * The QR code of some bytes: rows of modules, true is dark, without the white border.
 * RangeError when they are too many (more than 2953).
 * @param {Uint8Array} bytes
 * @param {"M" | "L"} [wanted] Error correction; left to the length when absent.
 * @returns {boolean[][]}
 */
export function qrMatrix(bytes, wanted) {
  const [version, level] = fitting(bytes.length, wanted);
  const grid = new Grid(version);
  grid.fill(interleaved(codewords(bytes, version, level), version, level));
  let best = 0;
  let least = Infinity;
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    grid.mask(mask);
    grid.format(LEVELS[level].format, mask);
    const points = penalty(grid.dark);
    if (points < least) [best, least] = [mask, points];
    grid.mask(mask);
  }
  grid.mask(best);
  grid.format(LEVELS[level].format, best);
  return grid.dark;
}

/**
 * The code as a picture that stays sharp at any size, black on white with its border.
 * @param {boolean[][]} matrix
 * @param {Record<string, string>} words
 */
export function qrImage(matrix, words) {
  const whole = matrix.length + 2 * QUIET;
  const draw = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const dark = matrix.flatMap((row, y) => row.map((on, x) => (on ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""))).join("");
  const image = /** @type {SVGSVGElement} */ (draw("svg", {
    viewBox: `0 0 ${whole} ${whole}`, role: "img", "aria-label": `${words.card || ""} (QR)`.trim(), "shape-rendering": "crispEdges",
  }));
  image.append(draw("rect", { width: String(whole), height: String(whole), fill: "#fff" }), draw("path", { d: dark, fill: "#000" }));
  return image;
}
