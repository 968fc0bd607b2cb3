/**
 * @file The part of the ONNX file format that programs use, as a protobuf descriptor.
 * Source: onnx/onnx.proto of the ONNX project (field numbers and types as published, IR version 8).
 */
import protobuf from "protobufjs/light.js";

const field = (type: string, id: number, rule?: "repeated") => (rule ? { type, id, rule } : { type, id });
const message = (fields: Record<string, ReturnType<typeof field>>) => ({ fields });

const descriptor = {
  nested: {
    onnx: {
      nested: {
        ModelProto: message({
          irVersion: field("int64", 1),
          producerName: field("string", 2),
          graph: field("GraphProto", 7),
          opsetImport: field("OperatorSetIdProto", 8, "repeated"),
        }),
        OperatorSetIdProto: message({ domain: field("string", 1), version: field("int64", 2) }),
        GraphProto: message({
          node: field("NodeProto", 1, "repeated"),
          name: field("string", 2),
          initializer: field("TensorProto", 5, "repeated"),
          input: field("ValueInfoProto", 11, "repeated"),
          output: field("ValueInfoProto", 12, "repeated"),
        }),
        NodeProto: message({
          input: field("string", 1, "repeated"),
          output: field("string", 2, "repeated"),
          opType: field("string", 4),
          attribute: field("AttributeProto", 5, "repeated"),
        }),
        AttributeProto: message({
          name: field("string", 1),
          f: field("float", 2),
          i: field("int64", 3),
          s: field("bytes", 4),
          g: field("GraphProto", 6),
          ints: field("int64", 8, "repeated"),
          type: field("int32", 20),
        }),
        TensorProto: message({
          dims: field("int64", 1, "repeated"),
          dataType: field("int32", 2),
          name: field("string", 8),
          rawData: field("bytes", 9),
        }),
        ValueInfoProto: message({ name: field("string", 1), type: field("TypeProto", 2) }),
        TypeProto: message({ tensorType: field("TensorTypeProto", 1) }),
        TensorTypeProto: message({ elemType: field("int32", 1), shape: field("TensorShapeProto", 2) }),
        TensorShapeProto: message({ dim: field("Dimension", 1, "repeated") }),
        Dimension: message({ dimValue: field("int64", 1), dimParam: field("string", 2) }),
      },
    },
  },
};

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
}

/** Made by the first model, not by every program that may never compile one. */
let modelType: protobuf.Type | undefined;

/** The bytes of an `.onnx` file. */
export function encodeModel(model: ModelProto): Uint8Array {
  modelType ??= protobuf.Root.fromJSON(descriptor).lookupType("onnx.ModelProto");
  return modelType.encode(model).finish();
}
