import AwsS3 from '@uppy/aws-s3';
import Uppy, { type Body } from '@uppy/core';
import { ApiError, NO_CONNECTION, sentence } from '../api/problem';
import type { Videos } from '../api/videos';
import { hold, lockOf, namesOfLocks } from './locks';
import { isSame, type FileFacts, type Memory } from './memory';
import { persistently } from './persistently';
import { Signer } from './signer';
import { Speed } from './speed';
import {
  interruptedUpload,
  refusedUpload,
  stateOf,
  type File,
  type Interrupted,
  type Meta,
  type Upload,
} from './upload';

/** Parts that are on their way at once: browsers open six connections to a host. */
const PARTS_AT_ONCE = 6;
/** Waits before a part is tried again, milliseconds; a part that fails for a minute fails the upload, until it is retried. */
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10_000, 20_000, 20_000];

/** An upload that can be gone on with. */
interface Begun {
  /** The video's. */
  id: string;
  uploadId: string;
  partSizeBytes: number;
  partCount: number;
  resumed: boolean;
  isComplete: boolean;
}

interface Progress {
  speed: Speed;
  resumed: boolean;
  signer: Signer | null;
  uploadId: string;
  /** Nothing is left to do: an earlier try completed it, and its answer was lost. */
  isComplete: boolean;
  problem: string | null;
  /** Tells other tabs that nobody sends this file any more. */
  release: () => void;
}

/** The uploads of this page, which go on while its parts change. */
export class Uploads {
  private readonly uppy: Uppy<Meta, Body>;
  private readonly progress = new Map<string, Progress>();
  private readonly partSizes = new WeakMap<object, number>();
  private readonly listeners = new Set<() => void>();
  private list: readonly Upload[] = [];
  private interrupted: readonly Interrupted[] = [];
  private refused: readonly Upload[] = [];
  private refusals = 0;

  constructor(
    private readonly videos: Videos,
    private readonly memory: Memory,
    maxUploadBytes: number,
    private readonly onChange: () => void,
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
        if (this.of(file.id).isComplete) return [{ PartNumber: 1, ETag: '', Size: file.size ?? 0 }];
        const list = () => this.videos.parts(videoId(file), signal);
        const { parts } = await persistently(list, RETRY_DELAYS, signal);
        return parts.map((part) => ({ PartNumber: part.partNumber, ETag: part.etag, Size: part.sizeBytes }));
      },
      signPart: async (file, { partNumber }) => {
        const signer = this.of(file.id).signer;
        if (!signer) throw new Error('not prepared');
        return { method: 'PUT' as const, url: await signer.sign(partNumber) };
      },
      completeMultipartUpload: async (file, { parts, signal }) => {
        const sent = parts.map(({ PartNumber, ETag }) => ({ partNumber: PartNumber ?? 0, etag: ETag ?? '' }));
        if (this.of(file.id).isComplete) return {};
        const complete = () => this.videos.complete(videoId(file), sent, signal);
        try {
          await persistently(complete, RETRY_DELAYS, signal);
        } catch (error) {
          // The answer to an earlier try was lost.
          if (!isComplete(error)) throw error;
        }
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
      if (file) {
        this.memory.forget(facts(file));
        this.of(file.id).release();
      }
      this.onChange();
    });
    this.uppy.on('upload-error', (file, error) => {
      if (file) this.of(file.id).problem = describe(error);
    });
    this.uppy.on('state-update', () => this.changed());
    window.addEventListener('beforeunload', this.onLeave);
    void this.recall();
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = () => this.list;

  /** Adds files; one that can't be uploaded says why in the list. */
  add(files: Iterable<globalThis.File>): void {
    for (const file of files) {
      try {
        this.uppy.addFile({ name: file.name, type: file.type, data: file, source: 'page' });
      } catch (error) {
        this.refusals += 1;
        this.refused = [...this.refused, refusedUpload(`refused ${this.refusals}`, file, error)];
        this.changed();
      }
    }
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
    const left = this.interrupted.find((entry) => entry.videoId === id);
    if (left) return this.abandon(left);
    const file = this.uppy.getFile(id);
    this.of(id).release();
    this.uppy.removeFile(id);
    this.progress.delete(id);
    this.memory.forget(facts(file));
    if (file.meta.videoId) {
      await this.videos.abort(file.meta.videoId);
      this.onChange();
    }
  }

  /** Takes an upload that is done or was refused off the list. */
  dismiss(id: string): void {
    this.refused = this.refused.filter((upload) => upload.id !== id);
    if (this.progress.delete(id)) this.uppy.removeFile(id);
    this.changed();
  }

  /** Tries again what failed, when its cause is mended. */
  goOn(): void {
    for (const { id, state } of this.list) if (state === 'failed') this.retry(id);
  }

  /** Stops everything for good. What was sent stays, and can be gone on with. */
  stop(): void {
    window.removeEventListener('beforeunload', this.onLeave);
    for (const { release } of this.progress.values()) release();
    this.uppy.destroy();
  }

  private readonly onLeave = (event: BeforeUnloadEvent) => {
    if (this.list.some(({ state }) => state === 'sending')) event.preventDefault();
  };

  /** Finds what earlier pages left unfinished, and how far it is. */
  private async recall(): Promise<void> {
    const sending = await namesOfLocks();
    for (const entry of this.memory.entries()) {
      if (sending.has(lockOf(entry.videoId))) continue;
      try {
        const { parts } = await this.videos.parts(entry.videoId);
        const sent = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
        this.interrupted = [...this.interrupted, { ...entry, sent }];
        this.changed();
      } catch (error) {
        if (isOver(error)) this.memory.forget(entry);
      }
    }
  }

  private async abandon(entry: Interrupted): Promise<void> {
    await this.videos.abort(entry.videoId);
    this.memory.forget(entry);
    this.interrupted = this.interrupted.filter((other) => other !== entry);
    this.changed();
    this.onChange();
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
    const { uploadId, id, partSizeBytes, partCount, resumed, isComplete } = await this.begun(file);
    const progress = this.of(file.id);
    progress.resumed = resumed;
    progress.isComplete = isComplete;
    progress.uploadId = uploadId;
    progress.signer = new Signer(this.videos, id, partCount);
    this.partSizes.set(file.data as object, partSizeBytes);
    progress.release();
    progress.release = hold(lockOf(id));
    this.interrupted = this.interrupted.filter((entry) => entry.videoId !== id);
    this.uppy.setFileMeta(file.id, { videoId: id });
    // With this, Uppy asks which parts there are before it sends any.
    this.uppy.setFileState(file.id, { s3Multipart: { uploadId, key: id } } as Partial<File>);
  }

  private async begun(file: File): Promise<Begun> {
    const size = file.size ?? 0;
    const known = file.meta.videoId ?? this.memory.find(facts(file));
    if (known) {
      try {
        const { uploadId, partSizeBytes, partCount, parts } = await this.videos.parts(known);
        return {
          id: known,
          uploadId,
          partSizeBytes,
          partCount,
          resumed: parts.length > 0,
          isComplete: false,
        };
      } catch (error) {
        if (isComplete(error)) {
          return {
            id: known,
            uploadId: known,
            partSizeBytes: size,
            partCount: 1,
            resumed: true,
            isComplete: true,
          };
        }
        // Given up or deleted meanwhile: it is a new upload.
        if (!isOver(error)) throw error;
        this.memory.forget(facts(file));
      }
    }
    const contentType = file.type || undefined;
    const { video, upload } = await this.videos.create({
      fileName: file.name,
      sizeBytes: size,
      contentType,
    });
    this.memory.remember(facts(file), video.id);
    this.onChange();
    return { id: video.id, ...upload, resumed: false, isComplete: false };
  }

  private of(id: string): Progress {
    let progress = this.progress.get(id);
    if (!progress) {
      progress = {
        speed: new Speed(),
        resumed: false,
        signer: null,
        uploadId: '',
        isComplete: false,
        problem: null,
        release: () => undefined,
      };
      this.progress.set(id, progress);
    }
    return progress;
  }

  private changed(): void {
    const now = Date.now();
    const files = this.uppy.getFiles();
    const current = files.map((file): Upload => {
      const { speed, resumed, problem } = this.of(file.id);
      const size = file.size ?? 0;
      return {
        id: file.id,
        name: file.name,
        size,
        sent: file.progress.bytesUploaded || 0,
        state: stateOf(file),
        resumed,
        videoId: file.meta.videoId ?? null,
        problem: file.error ? (problem ?? NO_CONNECTION) : null,
        speed: speed.perSecond(now),
        secondsLeft: speed.secondsLeft(size, now),
      };
    });
    const left = this.interrupted.filter((entry) => !files.some((file) => isSame(facts(file), entry)));
    this.list = [...current, ...left.map(interruptedUpload), ...this.refused];
    this.listeners.forEach((listener) => listener());
  }
}

/** Whether an earlier call completed the upload, or S3 is about to. */
function isComplete(error: unknown): boolean {
  const kinds = ['/problems/already-complete', '/problems/being-completed'];
  return error instanceof ApiError && kinds.includes(error.type);
}

/** Whether there is nothing to go on with: the upload was finished, given up or deleted. */
function isOver(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
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
