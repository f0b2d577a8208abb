import type { Client } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Video = Schemas['Video'];
export type Cost = Schemas['Cost'];
export type Status = Schemas['VideoStatus'];
export type Playback = Schemas['Playback'];
export type Rendition = Schemas['Rendition'];
export type PublicConfig = Schemas['PublicConfig'];
export type VideoPage = Schemas['VideoPage'];
export type VideoSummary = Schemas['VideoSummary'];

/** What the library shows. */
export interface Filter {
  search: string;
  status: Status | '';
}

/** The routes of `/api/videos`. */
export class Videos {
  constructor(private readonly client: Client) {}

  page({ search, status }: Filter, cursor: string | null, signal: AbortSignal): Promise<VideoPage> {
    const query = new URLSearchParams({ limit: '24' });
    if (search) query.set('search', search);
    if (status) query.set('status', status);
    if (cursor) query.set('cursor', cursor);
    return this.client.call(`/api/videos?${query}`, { signal });
  }

  async get(id: string, signal?: AbortSignal): Promise<Video> {
    const { video } = await this.client.call<Schemas['OneVideo']>(path(id), { signal });
    return video;
  }

  async edit(id: string, texts: Schemas['Texts']): Promise<Video> {
    const { video } = await this.client.call<Schemas['OneVideo']>(path(id), { method: 'PATCH', body: texts });
    return video;
  }

  async addCaptions(id: string, language: string, file: Blob): Promise<Video> {
    const { video } = await this.client.call<Schemas['OneVideo']>(captionsPath(id, language), {
      method: 'PUT',
      // What it is, its content says: as text, one in UTF-16 wouldn't arrive as it is.
      body: new Blob([file], { type: 'application/octet-stream' }),
    });
    return video;
  }

  async removeCaptions(id: string, language: string): Promise<Video> {
    const { video } = await this.client.call<Schemas['OneVideo']>(captionsPath(id, language), {
      method: 'DELETE',
    });
    return video;
  }

  delete(id: string): Promise<void> {
    return this.client.call(path(id), { method: 'DELETE' });
  }

  async reprocess(id: string, wanted: Schemas['Reprocessing'] = {}): Promise<Video> {
    const answer = await this.client.call<Schemas['OneVideo']>(`${path(id)}/reprocess`, {
      method: 'POST',
      body: wanted,
    });
    return answer.video;
  }

  create(video: Schemas['NewVideo']): Promise<Schemas['CreatedVideo']> {
    return this.client.call('/api/videos', { method: 'POST', body: video });
  }

  parts(id: string, signal?: AbortSignal): Promise<Schemas['UploadedParts']> {
    return this.client.call(`${path(id)}/upload/parts`, { signal });
  }

  async sign(id: string, partNumbers: number[], signal?: AbortSignal): Promise<Schemas['SignedPart'][]> {
    const { parts } = await this.client.call<Schemas['SignedParts']>(`${path(id)}/upload/parts`, {
      method: 'POST',
      body: { partNumbers },
      signal,
    });
    return parts;
  }

  async complete(id: string, parts: Schemas['SentPart'][], signal?: AbortSignal): Promise<Video> {
    const answer = await this.client.call<Schemas['OneVideo']>(`${path(id)}/upload/complete`, {
      method: 'POST',
      body: { parts },
      signal,
    });
    return answer.video;
  }

  abort(id: string): Promise<void> {
    return this.client.call(`${path(id)}/upload`, { method: 'DELETE' });
  }
}

function path(id: string): string {
  return `/api/videos/${encodeURIComponent(id)}`;
}

function captionsPath(id: string, language: string): string {
  return `${path(id)}/captions/${encodeURIComponent(language)}`;
}
