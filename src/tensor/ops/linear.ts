/** @file Matrix products, 2-D convolution and pooling. */
import { constant, emit, type Tensor } from "../graph.js";
import { broadcastShapes, formatShape, isStatic, type Shape, ShapeError } from "../shape.js";
import { gather } from "./indexing.js";
import { pad, reshape, transpose } from "./layout.js";
import { max } from "./reduce.js";

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

interface Windows {
  /** The elements of each window, [B, C, size · size, positions]. */
  elements: Tensor;
  height: number;
  width: number;
}

/** Copies the windows of a kernel that slides over the last two dimensions ("im2col"). */
function windows(operation: string, x: Tensor, kernel: readonly number[], stride: number): Windows {
  const [batch, channels, ...image] = x.shape;
  const positions = image.map((dim, i) => Math.floor((Number(dim) - kernel[i]) / stride) + 1);
  if (x.shape.length !== 4 || !isStatic(image) || !positions.every((n) => n > 0)) {
    throw new ShapeError(
      `${operation}: a window of ${formatShape(kernel)} does not fit ${formatShape(x.shape)}`,
    );
  }
  const [height, width] = positions;
  const indices = new Int32Array(kernel[0] * kernel[1] * height * width);
  let n = 0;
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          indices[n++] = (row * stride + i) * image[1] + column * stride + j;
        }
      }
    }
  }
  const flat = reshape(x, [batch, channels, image[0] * image[1]]);
  return {
    elements: gather(flat, constant(indices, [kernel[0] * kernel[1], height * width]), 2),
    height,
    width,
  };
}

interface ConvOptions {
  /** Step of the kernel. Default 1. */
  stride?: number;
  /** Zeros around the image. Default 0. */
  padding?: number;
}

/** Cross-correlation of images [B, C, H, W] with kernels [O, C, kh, kw]: [B, O, H′, W′]. */
export function conv2d(x: Tensor, w: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
  if (x.shape.length !== 4 || w.shape.length !== 4 || x.shape[1] !== w.shape[1] || !isStatic(w.shape)) {
    throw new ShapeError(
      `conv2d: images ${formatShape(x.shape)} and kernels ${formatShape(w.shape)} must be [B, C, H, W] and [O, C, kh, kw]`,
    );
  }
  const [filters, channels, ...kernel] = w.shape;
  const padded = pad(pad(x, padding, padding, 2), padding, padding, 3);
  const { elements, height, width } = windows("conv2d", padded, kernel, stride);
  const fanIn = channels * kernel[0] * kernel[1];
  const columns = reshape(elements, [x.shape[0], fanIn, height * width]);
  return reshape(matmul(reshape(w, [filters, fanIn]), columns), [x.shape[0], filters, height, width]);
}

interface PoolOptions {
  /** Side of the square window. */
  size: number;
  /** Step of the window. Default: its size. */
  stride?: number;
}

/** The maximum over square windows of images [B, C, H, W]. Tied elements share the derivative equally. */
export function maxPool2d(x: Tensor, { size, stride = size }: PoolOptions): Tensor {
  const { elements, height, width } = windows("maxPool2d", x, [size, size], stride);
  return reshape(max(elements, 2), [x.shape[0], x.shape[1], height, width]);
}
