/**
 * @file The part of the ONNX file format that programs use.
 * Source: onnx/onnx.proto of the ONNX project (field numbers and types as published, IR version 8).
 */

import { messageEncoder } from "./protobuf.js";

const encode = messageEncoder({
  ModelProto: {
    irVersion: [1, "int64"],
    producerName: [2, "string"],
    graph: [7, "GraphProto"],
    opsetImport: [8, "OperatorSetIdProto"],
    metadataProps: [14, "StringStringEntryProto"],
  },
  StringStringEntryProto: { key: [1, "string"], value: [2, "string"] },
  OperatorSetIdProto: { domain: [1, "string"], version: [2, "int64"] },
  GraphProto: {
    node: [1, "NodeProto"],
    name: [2, "string"],
    initializer: [5, "TensorProto"],
    input: [11, "ValueInfoProto"],
    output: [12, "ValueInfoProto"],
  },
  NodeProto: {
    input: [1, "string"],
    output: [2, "string"],
    opType: [4, "string"],
    attribute: [5, "AttributeProto"],
  },
  AttributeProto: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    g: [6, "GraphProto"],
    ints: [8, "int64"],
    type: [20, "int32"],
  },
  TensorProto: { dims: [1, "int64"], dataType: [2, "int32"], name: [8, "string"], rawData: [9, "bytes"] },
  ValueInfoProto: { name: [1, "string"], type: [2, "TypeProto"] },
  TypeProto: { tensorType: [1, "TensorTypeProto"] },
  TensorTypeProto: { elemType: [1, "int32"], shape: [2, "TensorShapeProto"] },
  TensorShapeProto: { dim: [1, "Dimension"] },
  Dimension: { dimValue: [1, "int64"], dimParam: [2, "string"] },
});

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  g?: GraphProto;
  ints?: number[];
}

export interface NodeProto {
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } };
}

export interface GraphProto {
  name: string;
  node: NodeProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  initializer?: TensorProto[];
}

export interface ModelProto {
  irVersion: number;
  producerName: string;
  opsetImport: { domain: string; version: number }[];
  graph: GraphProto;
  metadataProps?: { key: string; value: string }[];
}

/** The bytes of an `.onnx` file. */
export const encodeModel = (model: ModelProto): Uint8Array => encode("ModelProto", model);
