/** @file Matrix products, 2-D convolution and pooling. */
import { emit, type Sliding, type Tensor } from "../graph.js";
import { broadcastShapes, formatShape, isStatic, type Shape, ShapeError } from "../shape.js";
import { gather } from "./indexing.js";
import { concat, pad, reshape, slice, transpose } from "./layout.js";
import { sum } from "./reduce.js";

/** op(a) · op(b) + c for matrices, where op may transpose and c, if given, broadcasts. */
export function gemm(a: Tensor, b: Tensor, c?: Tensor, { transA = false, transB = false } = {}): Tensor {
  const [rows, inner] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [innerB, columns] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  const operands = [a, b, ...(c ? [c] : [])];
  const matrices = a.shape.length === 2 && b.shape.length === 2 && inner === innerB;
  if (!matrices || operands.some((x) => x.dtype !== "float32") || (c && !addsTo(c.shape, [rows, columns]))) {
    throw new ShapeError(
      `linear: ${operands.map((x) => `${x.dtype} ${formatShape(x.shape)}`).join(" and ")} do not multiply` +
        (transA || transB
          ? ` (transposed: ${[transA && "first", transB && "second"].filter(Boolean).join()})`
          : ""),
    );
  }
  return emit("gemm", operands, { transA, transB }, [rows, columns]);
}

const addsTo = (shape: Shape, result: Shape): boolean =>
  broadcastShapes("linear", shape, result).join() === result.join();

/** x · w + b over the last dimension of x: [..., I] × [I, O] + [O]. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  if (x.shape.length === 2) return gemm(x, w, b);
  const flat = x.shape.length === 1 ? [1, x.shape[0]] : [-1, ...x.shape.slice(-1)];
  return reshape(gemm(reshape(x, flat), w, b), [...x.shape.slice(0, -1), ...w.shape.slice(1)]);
}

/** Matrix product over the last two dimensions; the leading dimensions broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const fail = (): never => {
    throw new ShapeError(
      `matmul: ${a.dtype} ${formatShape(a.shape)} and ${b.dtype} ${formatShape(b.shape)} do not multiply`,
    );
  };
  if (a.dtype !== "float32" || b.dtype !== "float32" || a.shape.length < 2 || b.shape.length < 2) fail();
  if (a.shape.at(-1) !== b.shape.at(-2)) fail();
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(a, b);
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return emit("matmul", [a, b], {}, [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
}

/** Swaps the last two dimensions. */
export function swapLast(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(
    x,
    [...x.shape.keys()].map((i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}

interface ConvOptions {
  /** Step of the kernel. Default 1. */
  stride?: number;
  /** Zeros around the image. Default 0. */
  padding?: number;
}

/** Cross-correlation of images [B, C, H, W] with kernels [O, C, kh, kw]: [B, O, H′, W′]. */
export const conv2d = (x: Tensor, w: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor =>
  conv(x, w, { stride, padding, dilation: 1 });

export function conv(x: Tensor, w: Tensor, sliding: Sliding): Tensor {
  const { stride, padding, dilation } = sliding;
  const image = x.shape.slice(2);
  const kernel = w.shape.slice(2);
  const isPair = x.shape.length === 4 && w.shape.length === 4 && x.shape[1] === w.shape[1];
  if (!isPair || !isStatic(image) || !isStatic(kernel)) {
    throw new ShapeError(
      `conv2d: images ${formatShape(x.shape)} and kernels ${formatShape(w.shape)} must be [B, C, H, W] and [O, C, kh, kw]`,
    );
  }
  const places = image.map(
    (n: number, i) => Math.floor((n + 2 * padding - dilation * (kernel[i] - 1) - 1) / stride) + 1,
  );
  if (!places.every((n) => n > 0)) {
    throw new ShapeError(
      `conv2d: a window of ${formatShape(kernel)} does not fit ${formatShape(x.shape)}` +
        (padding > 0 ? ` with ${padding} zeros around it` : ""),
    );
  }
  return emit("conv", [x, w], { ...sliding }, [x.shape[0], w.shape[0], ...places]);
}

/** Σ g · conv(x, w) as a function of x is Σ x · convTranspose(g, w). */
export const convTranspose = (
  g: Tensor,
  w: Tensor,
  sliding: Sliding,
  image: readonly [number, number],
): Tensor => emit("convTranspose", [g, w], { ...sliding, image }, [g.shape[0], w.shape[1], ...image]);

/** Kernels with at most so many places have their derivative place by place. */
const FEW_PLACES = 9;

/** Σ g · conv(x, w) as a function of w is Σ w · convKernel(x, g), with a kernel of `rows` × `columns` places. */
export function convKernel(
  x: Tensor,
  g: Tensor,
  { stride, padding, dilation }: Sliding,
  [rows, columns]: readonly number[],
): Tensor {
  const [filters, channels] = [g.shape[1], x.shape[1]];
  const [height, width] = g.shape.slice(2) as number[];
  if (stride > 1 || rows * columns > FEW_PLACES) {
    // Images of the channels, with g as kernels: the images of the batch are their channels.
    const [images, kernels] = [x, g].map((y) => transpose(y, [1, 0, 2, 3]));
    const all = conv(images, kernels, { stride: dilation, padding, dilation: stride });
    return transpose(slice(slice(all, 0, rows, 2), 0, columns, 3), [1, 0, 2, 3]);
  }
  // Such a convolution has few columns, and multiplies blocks of 16: products with shifted images are twice as fast.
  const flat = (y: Tensor) => reshape(y, [y.shape[0], y.shape[1], height * width]);
  const padded = pad(pad(x, padding, padding, 2), padding, padding, 3);
  const turned = swapLast(flat(g));
  const places = Array.from({ length: rows * columns }, (_, place) => {
    const [top, left] = [dilation * Math.floor(place / columns), dilation * (place % columns)];
    const shifted = slice(slice(padded, top, top + height, 2), left, left + width, 3);
    return sum(matmul(flat(shifted), turned), 0);
  });
  return transpose(reshape(concat(places, 0), [rows, columns, channels, filters]), [3, 2, 0, 1]);
}

interface PoolOptions {
  /** Side of the square window. */
  size: number;
  /** Step of the window. Default: its size. */
  stride?: number;
}

/** The maximum over square windows of images [B, C, H, W]. The first of tied elements has the derivative. */
export function maxPool2d(x: Tensor, { size, stride = size }: PoolOptions): Tensor {
  const [batch, channels, ...image] = x.shape;
  const places = image.map((n) => Math.floor((Number(n) - size) / stride) + 1);
  if (x.shape.length !== 4 || !isStatic(image) || !places.every((n) => n > 0)) {
    throw new ShapeError(
      `maxPool2d: a window of ${formatShape([size, size])} does not fit ${formatShape(x.shape)}`,
    );
  }
  const largest = emit("argmaxPool", [x], { size, stride }, [batch, channels, ...places], "int32");
  return gather(reshape(x, [-1]), largest);
}
