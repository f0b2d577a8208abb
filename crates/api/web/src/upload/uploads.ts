import AwsS3 from '@uppy/aws-s3';
import Uppy, { type Body, type UppyFile } from '@uppy/core';
import { ApiError, NO_CONNECTION, sentence } from '../api/problem';
import type { Videos } from '../api/videos';
import type { FileFacts, Memory } from './memory';
import { Signer } from './signer';
import { Speed } from './speed';

/** Parts that are on their way at once: browsers open six connections to a host. */
const PARTS_AT_ONCE = 6;
/** Waits before a part is tried again, milliseconds; a part that fails for a minute fails the upload, until it is retried. */
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10_000, 20_000, 20_000];

/** What Uppy carries along with a file. */
interface Meta extends Record<string, unknown> {
  videoId?: string;
}
type File = UppyFile<Meta, Body>;

/** An upload as the page shows it. */
export interface Upload {
  /** Of this page, not of the video. */
  id: string;
  name: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'paused' | 'failed' | 'done';
  /** Whether it went on with what an earlier page sent. */
  resumed: boolean;
  videoId: string | null;
  /** Why it failed. */
  problem: string | null;
  /** Bytes per second. */
  speed: number;
  secondsLeft: number;
}

interface Progress {
  speed: Speed;
  resumed: boolean;
  signer: Signer | null;
  uploadId: string;
  problem: string | null;
}

/** The uploads of this page, which go on while its parts change. */
export class Uploads {
  private readonly uppy: Uppy<Meta, Body>;
  private readonly progress = new Map<string, Progress>();
  private readonly partSizes = new WeakMap<object, number>();
  private readonly listeners = new Set<() => void>();
  private list: readonly Upload[] = [];

  constructor(
    private readonly videos: Videos,
    private readonly memory: Memory,
    maxUploadBytes: number,
    private readonly onDone: () => void,
  ) {
    this.uppy = new Uppy<Meta, Body>({
      autoProceed: true,
      allowMultipleUploadBatches: true,
      restrictions: { maxFileSize: maxUploadBytes, minFileSize: 1 },
    });
    this.uppy.use(AwsS3<Meta, Body>, {
      shouldUseMultipart: true,
      limit: PARTS_AT_ONCE,
      retryDelays: RETRY_DELAYS,
      getChunkSize: (data) => this.partSizes.get(data) ?? 0,
      // The record comes first: `prepare` has made both when Uppy asks.
      createMultipartUpload: (file) => ({ uploadId: this.of(file.id).uploadId, key: videoId(file) }),
      listParts: async (file, { signal }) => {
        const { parts } = await this.videos.parts(videoId(file), signal);
        return parts.map((part) => ({ PartNumber: part.partNumber, ETag: part.etag, Size: part.sizeBytes }));
      },
      signPart: async (file, { partNumber }) => {
        const signer = this.of(file.id).signer;
        if (!signer) throw new Error('not prepared');
        return { method: 'PUT' as const, url: await signer.sign(partNumber) };
      },
      completeMultipartUpload: async (file, { parts, signal }) => {
        const sent = parts.map(({ PartNumber, ETag }) => ({ partNumber: PartNumber ?? 0, etag: ETag ?? '' }));
        await this.videos.complete(videoId(file), sent, signal);
        return {};
      },
      // Uppy gives up the parts of an upload that failed; ours are kept for the next try. `cancel` removes them.
      abortMultipartUpload: () => undefined,
    });
    this.uppy.addPreProcessor((ids) => this.prepare(ids));
    this.uppy.on('upload-progress', (file, { bytesUploaded }) => {
      if (file && typeof bytesUploaded === 'number') this.of(file.id).speed.add(bytesUploaded, Date.now());
    });
    this.uppy.on('upload-success', (file) => {
      if (file) this.memory.forget(facts(file));
      this.onDone();
    });
    this.uppy.on('upload-error', (file, error) => {
      if (file) this.of(file.id).problem = describe(error);
    });
    this.uppy.on('state-update', () => this.changed());
    window.addEventListener('beforeunload', (event) => {
      if (this.list.some(({ state }) => state === 'sending')) event.preventDefault();
    });
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = () => this.list;

  /** Adds files; answers a sentence for each that can't be uploaded. */
  add(files: Iterable<globalThis.File>): string[] {
    const refused: string[] = [];
    for (const file of files) {
      try {
        this.uppy.addFile({ name: file.name, type: file.type, data: file, source: 'page' });
      } catch (error) {
        refused.push(refusal(file, error));
      }
    }
    return refused;
  }

  pauseOrResume(id: string): void {
    this.of(id).speed.reset();
    this.uppy.pauseResume(id);
  }

  retry(id: string): void {
    this.of(id).problem = null;
    this.of(id).speed.reset();
    void this.uppy.retryUpload(id);
  }

  /** Stops an upload and removes what was sent. */
  async cancel(id: string): Promise<void> {
    const file = this.uppy.getFile(id);
    this.uppy.removeFile(id);
    this.progress.delete(id);
    this.memory.forget(facts(file));
    if (file.meta.videoId) {
      await this.videos.abort(file.meta.videoId);
      this.onDone();
    }
  }

  /** Takes a finished upload off the list. */
  dismiss(id: string): void {
    this.uppy.removeFile(id);
    this.progress.delete(id);
  }

  /** Makes the records, or finds the uploads that an earlier page began. */
  private async prepare(ids: string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        try {
          await this.prepareOne(this.uppy.getFile(id));
        } catch (error) {
          // One bad file never hides its neighbours: Uppy would fail them all.
          this.of(id).problem = describe(error);
          const file = this.uppy.getFile(id);
          this.uppy.emit('upload-error', file, error as Error);
        }
      }),
    );
  }

  private async prepareOne(file: File): Promise<void> {
    const { uploadId, id, partSizeBytes, partCount, resumed } = await this.begun(file);
    const progress = this.of(file.id);
    progress.resumed = resumed;
    progress.uploadId = uploadId;
    progress.signer = new Signer(this.videos, id, partCount);
    this.partSizes.set(file.data as object, partSizeBytes);
    this.uppy.setFileMeta(file.id, { videoId: id });
    // With this, Uppy asks which parts there are before it sends any.
    this.uppy.setFileState(file.id, { s3Multipart: { uploadId, key: id } } as Partial<File>);
  }

  private async begun(file: File) {
    const known = file.meta.videoId ?? this.memory.find(facts(file));
    if (known) {
      try {
        const { uploadId, partSizeBytes, partCount, parts } = await this.videos.parts(known);
        return { id: known, uploadId, partSizeBytes, partCount, resumed: parts.length > 0 };
      } catch (error) {
        // Finished, aborted or deleted meanwhile: it is a new upload.
        if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
        this.memory.forget(facts(file));
      }
    }
    const contentType = file.type || undefined;
    const size = file.size ?? 0;
    const { video, upload } = await this.videos.create({
      fileName: file.name,
      sizeBytes: size,
      contentType,
    });
    this.memory.remember(facts(file), video.id);
    return { id: video.id, ...upload, resumed: false };
  }

  private of(id: string): Progress {
    let progress = this.progress.get(id);
    if (!progress) {
      progress = { speed: new Speed(), resumed: false, signer: null, uploadId: '', problem: null };
      this.progress.set(id, progress);
    }
    return progress;
  }

  private changed(): void {
    const now = Date.now();
    this.list = this.uppy.getFiles().map((file) => {
      const { speed, resumed, problem } = this.of(file.id);
      const size = file.size ?? 0;
      return {
        id: file.id,
        name: file.name,
        size,
        sent: file.progress.bytesUploaded || 0,
        state: state(file),
        resumed,
        videoId: file.meta.videoId ?? null,
        problem: file.error ? (problem ?? NO_CONNECTION) : null,
        speed: speed.perSecond(now),
        secondsLeft: speed.secondsLeft(size, now),
      };
    });
    this.listeners.forEach((listener) => listener());
  }
}

function state(file: File): Upload['state'] {
  if (file.error) return 'failed';
  if (file.progress.uploadComplete) return 'done';
  if ('isPaused' in file && file.isPaused) return 'paused';
  return file.progress.uploadStarted ? 'sending' : 'waiting';
}

function videoId(file: File): string {
  return file.meta.videoId ?? '';
}

function facts(file: File): FileFacts {
  const data = file.data as globalThis.File;
  return { name: file.name, size: data.size, lastModified: data.lastModified };
}

function describe(error: unknown): string {
  return error instanceof ApiError ? sentence(error) : NO_CONNECTION;
}

function refusal(file: globalThis.File, error: unknown): string {
  if (file.size === 0) return `${file.name} is empty; there is nothing to upload.`;
  const message = error instanceof Error ? error.message : '';
  if (/duplicate|already/i.test(message)) return `${file.name} is being uploaded already.`;
  return `${file.name} can't be uploaded: ${message || 'it could not be read'}`;
}
