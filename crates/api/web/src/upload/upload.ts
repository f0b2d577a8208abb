import type { Body, UppyFile } from '@uppy/core';
import type { Entry } from './memory';

/** What Uppy carries along with a file. */
export interface Meta extends Record<string, unknown> {
  videoId?: string;
}
export type File = UppyFile<Meta, Body>;

/** An upload as the page shows it. */
export interface Upload {
  /** Of this page, not of the video. */
  id: string;
  name: string;
  size: number;
  sent: number;
  /** `interrupted`: an earlier page began it, and its file has to be chosen again. `refused`: it never began. */
  state: 'waiting' | 'sending' | 'paused' | 'failed' | 'done' | 'interrupted' | 'refused';
  /** Whether it went on with what an earlier page sent. */
  resumed: boolean;
  videoId: string | null;
  /** Why it failed. */
  problem: string | null;
  /** Bytes per second. */
  speed: number;
  secondsLeft: number;
}

/** An upload that an earlier page began. */
export interface Interrupted extends Entry {
  sent: number;
}

/** What hasn't moved: no speed, nothing left to wait for. */
const STILL = { resumed: false, speed: 0, secondsLeft: Infinity };

export function interruptedUpload({ videoId, name, size, sent }: Interrupted): Upload {
  return { ...STILL, id: videoId, name, size, sent, state: 'interrupted', videoId, problem: null };
}

export function refusedUpload(id: string, file: globalThis.File, error: unknown): Upload {
  const { name, size } = file;
  return {
    ...STILL,
    id,
    name,
    size,
    sent: 0,
    state: 'refused',
    videoId: null,
    problem: refusal(file, error),
  };
}

/** Where an upload of Uppy's stands. */
export function stateOf(file: File): Upload['state'] {
  if (file.error) return 'failed';
  if (file.progress.uploadComplete) return 'done';
  if ('isPaused' in file && file.isPaused) return 'paused';
  return file.progress.uploadStarted ? 'sending' : 'waiting';
}

function refusal(file: globalThis.File, error: unknown): string {
  if (file.size === 0) return `${file.name} is empty; there is nothing to upload.`;
  const message = error instanceof Error ? error.message : '';
  if (/duplicate|already/i.test(message)) return `${file.name} is being uploaded already.`;
  return `${file.name} can't be uploaded: ${message || 'it could not be read'}`;
}
