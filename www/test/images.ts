/** Image files made for the tests, byte by byte: no picture of a real signature is needed. */
import { crc32, deflateSync } from "node:zlib";
import type { Strokes } from "./pen.ts";

/** A grey PNG; `grey` gives each pixel's value. */
export function png(width: number, height: number, grey: (x: number, y: number) => number): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = grey(x, y);
  }
  return Buffer.concat([signature, header(width, height), chunk("IDAT", deflateSync(rows)), chunk("IEND")]);
}

/** The start of a PNG that claims a size, with nothing behind it. */
export function pngClaiming(width: number, height: number): Buffer {
  return Buffer.concat([signature, header(width, height), chunk("IDAT", deflateSync(Buffer.alloc(8))), chunk("IEND")]);
}

/** A curve in dark ink on white paper; by `shift`, a few hundredths, as a hand varies it. */
export function inkedPng(width = 480, height = 240, shift = 0): Buffer {
  return png(width, height, (x, y) => {
    const middle = height / 2 + (height / 4) * Math.sin(x / 21 + shift) * Math.cos(x / 57);
    const inside = x > width / 10 && x < (width * 9) / 10;
    return inside && Math.abs(y - middle) < 4 ? 20 : 255;
  });
}

/** A signature on paper of this width in pixels, a little darker to the right, as a scanner sees it. */
export function paper(strokes: Strokes, width: number): Buffer {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = (0.8 * width) / (Math.max(...xs) - left);
  const height = Math.ceil((Math.max(...ys) - top) * scale + 0.2 * width);
  const ink = new Uint8Array(width * height);
  const radius = width / 200;
  const dab = (x: number, y: number): void => {
    for (let v = Math.ceil(y - radius); v <= y + radius; v += 1) {
      for (let u = Math.ceil(x - radius); u <= x + radius; u += 1) {
        if (Math.hypot(u - x, v - y) <= radius) ink[v * width + u] = 1;
      }
    }
  };
  const place = ({ x, y }: { x: number; y: number }) => [(x - left) * scale + 0.1 * width, (y - top) * scale + 0.1 * width] as const;
  for (const stroke of strokes) {
    for (const [index, point] of stroke.entries()) {
      const [[x, y], [toX, toY]] = [place(point), place(stroke[index + 1] ?? point)];
      const steps = Math.ceil(Math.hypot(toX - x, toY - y)) || 1;
      for (let step = 0; step < steps; step += 1) dab(x + ((toX - x) * step) / steps, y + ((toY - y) * step) / steps);
    }
  }
  return png(width, height, (x, y) => (ink[y * width + x] ? 40 : 250 - Math.round((20 * x) / width)));
}

/** Pen strokes in dark ink on white paper. */
export function strokesPng(strokes: readonly (readonly { x: number; y: number }[])[], width = 480, height = 240): Buffer {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = Math.min((0.85 * width) / (Math.max(...xs) - left || 1), (0.85 * height) / (Math.max(...ys) - top || 1));
  const at = ({ x, y }: { x: number; y: number }) => [0.07 * width + (x - left) * scale, 0.07 * height + (y - top) * scale] as const;
  const ink = new Uint8Array(width * height).fill(255);
  for (const stroke of strokes) {
    for (const [index, point] of stroke.entries()) {
      const [from, to] = [at(stroke[index - 1] ?? point), at(point)];
      const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])) + 1;
      for (let step = 0; step <= steps; step += 1) {
        const [cx, cy] = [0, 1].map((axis) => from[axis]! + ((to[axis]! - from[axis]!) * step) / steps) as [number, number];
        for (let y = Math.floor(cy) - 1; y <= cy + 2; y += 1) for (let x = Math.floor(cx) - 1; x <= cx + 2; x += 1) ink[y * width + x] = 20;
      }
    }
  }
  return png(width, height, (x, y) => ink[y * width + x] ?? 255);
}

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

function header(width: number, height: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  // 8 bits a pixel, grey.
  data[8] = 8;
  return chunk("IHDR", data);
}

function chunk(kind: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
