import { InferenceSession, Tensor } from 'onnxruntime-node';
import { WeirError } from '../errors.js';

/** Rows of every batch; a shorter one is padded with zeros. */
export const batchRows = 64;

/**
 * A loaded ONNX model: input `inputs` [64, D] and output `score` [64] or [64, 1], both float32.
 * Every run has the same shape on one thread, so a row's score depends on its values and its place
 * only.
 */
export class OnnxSession {
  readonly inputCount: number;
  readonly #session: InferenceSession;
  readonly #rows: Float32Array;
  readonly #feeds: { readonly inputs: Tensor };

  private constructor(session: InferenceSession, inputCount: number) {
    this.inputCount = inputCount;
    this.#session = session;
    this.#rows = new Float32Array(batchRows * inputCount);
    this.#feeds = { inputs: new Tensor('float32', this.#rows, [batchRows, inputCount]) };
  }

  /**
   * Loads a model from the bytes of its file.
   * @param path for messages
   * @throws WeirError model-invalid
   */
  static async open(bytes: Uint8Array, path: string): Promise<OnnxSession> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        logSeverityLevel: 3,
      });
    } catch (cause) {
      refuse(path, 'an ONNX model', (cause as Error).message, cause); // what onnxruntime throws
    }
    const input = shapeOf(session.inputMetadata, 'inputs');
    const output = shapeOf(session.outputMetadata, 'score');
    if (input?.length !== 2 || input[0] !== batchRows || typeof input[1] !== 'number') {
      refuse(
        path,
        `one input 'inputs' of float32 [${batchRows}, D]`,
        described(session.inputMetadata),
      );
    }
    if (output?.[0] !== batchRows || (output.length === 2 && output[1] !== 1)) {
      refuse(
        path,
        `one output 'score' of float32 [${batchRows}]`,
        described(session.outputMetadata),
      );
    }
    return new OnnxSession(session, input[1]);
  }

  /** Row i takes the values from `i * inputCount` on. */
  get rows(): Float32Array {
    return this.#rows;
  }

  /** Scores what stands in `rows`, one score a row; to be awaited before it is called again. */
  async run(): Promise<Float32Array> {
    const { score } = await this.#session.run(this.#feeds);
    return score!.data as Float32Array; // checked in open
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

type Metadata = readonly InferenceSession.ValueMetadata[];

function shapeOf(metadata: Metadata, name: string): readonly (number | string)[] | null {
  const [only] = metadata;
  if (metadata.length !== 1 || only?.name !== name || !only.isTensor) return null;
  return only.type === 'float32' ? only.shape : null;
}

function described(metadata: Metadata): string {
  const one = (value: InferenceSession.ValueMetadata): string =>
    value.isTensor ? `'${value.name}' of ${value.type} [${value.shape.join(', ')}]` : value.name;
  return metadata.map(one).join(' and ') || 'none';
}

function refuse(path: string, expected: string, found: string, cause?: unknown): never {
  throw new WeirError(
    'model-invalid',
    `${path}: expected ${expected}; found ${found}; export the model again (models/train/README.md)`,
    { cause, place: { path } },
  );
}
