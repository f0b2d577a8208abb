import { useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import type { MediaPlayerInstance } from '@vidstack/react';
import { Suspense, lazy, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useApp, useUploadOf } from '../app-context';
import { ApiError } from '../api/problem';
import type { Video, VideoPage } from '../api/videos';
import { isMoving, nextLookAt } from '../library/polling';
import { StatusBadge } from '../library/status-badge';
import { BackIcon, DownloadIcon, RetryIcon } from '../ui/icons';
import { Ago } from '../ui/ago';
import { duration } from '../ui/format';
import { Notice } from '../ui/notice';
import { useTitle } from '../ui/title';
import { Captions } from './captions';
import { Convert } from './convert';
import { Delete } from './delete';
import { Addresses, Details } from './details';
import { Edit } from './edit';
import { History } from './history';

const LEAVE = 'You can leave this page; it goes on by itself.';

// The player is larger than all the rest.
const Player = lazy(() => import('./player'));

/** One video: the player, and all that is known. */
export function Watch({ id }: { id: string }) {
  const { videos } = useApp();
  const { data, error, refetch } = useQuery({
    queryKey: ['video', id],
    queryFn: ({ signal }) => videos.get(id, signal),
    refetchInterval: ({ state }) => (state.data ? nextLookAt(state.data, Date.now()) : false),
  });
  useTitle(data?.title ?? 'Video');
  return (
    <main className="watch">
      <Link className="back" href="/">
        <BackIcon /> All videos
      </Link>
      {data ? (
        <Page key={data.id} video={data} />
      ) : error ? (
        <Notice
          error={error instanceof ApiError && error.status === 400 ? 'There is no such video.' : error}
          onRetry={isGone(error) ? undefined : () => void refetch()}
        />
      ) : (
        <div className="stage skeleton" aria-busy="true" aria-label="The video is loading" />
      )}
    </main>
  );
}

function Page({ video }: { video: Video }) {
  const client = useQueryClient();
  const { videos } = useApp();
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<'edit' | 'convert' | 'delete' | null>(null);
  const [actionError, setActionError] = useState<unknown>(null);
  const player = useRef<MediaPlayerInstance>(null);
  const changed = (video: Video) => {
    client.setQueryData(['video', video.id], video);
    void client.invalidateQueries({ queryKey: ['videos'] });
    setDialog(null);
  };
  const retry = () => {
    setActionError(null);
    videos.reprocess(video.id).then(changed, setActionError);
  };
  const choosePoster = () => {
    setActionError(null);
    const posterSeconds = Math.round(player.current?.currentTime ?? 0);
    videos.edit(video.id, { posterSeconds }).then(changed, setActionError);
  };
  const removed = () => {
    client.removeQueries({ queryKey: ['video', video.id] });
    // Not even for the moment that the library takes to look again.
    client.setQueriesData<InfiniteData<VideoPage>>(
      { queryKey: ['videos'] },
      (data) => data && without(data, video),
    );
    void client.invalidateQueries({ queryKey: ['videos'] });
    navigate('/');
  };
  return (
    <>
      {video.playback ? (
        <div className="stage">
          <Suspense fallback={<div className="stage skeleton" aria-busy="true" />}>
            <Player
              key={video.playback.hlsUrl ?? video.playback.revision}
              title={video.title}
              playback={video.playback}
              player={player}
            />
          </Suspense>
        </div>
      ) : (
        isMoving(video.status) && <Progress video={video} />
      )}
      <header className="watch-title">
        <div>
          <h1>{video.title}</h1>
          <p className="watch-facts muted">
            <span role="status" className={video.status === 'READY' ? 'visually-hidden' : undefined}>
              <StatusBadge video={video} />
            </span>
            <span>
              <Ago at={video.createdAt} />
              {facts(video)}
            </span>
          </p>
        </div>
        <div className="watch-actions">
          {video.playback?.thumbnails && (
            <button type="button" className="button" onClick={choosePoster}>
              Use this frame as the poster
            </button>
          )}
          {video.playback?.fileUrl && (
            <a className="button" href={video.playback.fileUrl} download={`${video.title}.mp4`}>
              <DownloadIcon /> Download
            </a>
          )}
          {!isMoving(video.status) && video.revision !== undefined && (
            <button type="button" className="button" onClick={() => setDialog('convert')}>
              Convert again
            </button>
          )}
          <button type="button" className="button" onClick={() => setDialog('edit')}>
            Edit
          </button>
          <button type="button" className="button danger" onClick={() => setDialog('delete')}>
            Delete
          </button>
        </div>
      </header>
      {(video.status === 'FAILED' || video.status === 'CANCELED') && (
        <div className="notice" role="alert">
          <p>
            {video.failure?.sentence ?? 'The conversion was canceled.'}
            {video.failure && <code> {video.failure.code}</code>}
          </p>
          <button type="button" className="button" onClick={retry}>
            <RetryIcon /> Retry
          </button>
        </div>
      )}
      {actionError !== null && <Notice error={actionError} />}
      {video.description && <p className="description">{video.description}</p>}
      <div className="panels">
        <Details video={video} />
        <div>
          {video.playback && <Addresses playback={video.playback} />}
          <Captions video={video} onDone={changed} />
          <History video={video} />
        </div>
      </div>
      {dialog === 'edit' && <Edit video={video} onDone={changed} onClose={() => setDialog(null)} />}
      {dialog === 'convert' && <Convert video={video} onDone={changed} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && <Delete video={video} onDone={removed} onClose={() => setDialog(null)} />}
    </>
  );
}

/** What is seen where nothing can be watched yet. */
function Progress({ video: { id, status, progressPercent } }: { video: Video }) {
  const upload = useUploadOf(id);
  const isHere = upload !== undefined && upload.state !== 'interrupted';
  const [words, hint] = {
    UPLOADING: isHere
      ? ['Uploading …', 'Stay on this site until everything is sent.']
      : ['The upload is not finished.', 'Choose the same file again, and it goes on where it stopped.'],
    SUBMITTED: ['Waiting for its turn …', LEAVE],
    PROCESSING: ['Converting …', LEAVE],
  }[status as 'UPLOADING' | 'SUBMITTED' | 'PROCESSING'];
  const percent = upload && upload.size > 0 ? (100 * upload.sent) / upload.size : progressPercent;
  return (
    <div className="stage is-empty">
      <div className="stage-text">
        <p>{words}</p>
        {(status !== 'UPLOADING' || isHere) && (
          <progress aria-label="Progress" max={100} value={percent ?? undefined} />
        )}
        <p className="stage-hint">{hint}</p>
      </div>
    </div>
  );
}

/** ` · 9:56 · 1080p`. */
function facts({ playback }: Video): string {
  const tallest = Math.max(0, ...(playback?.renditions.map(({ height }) => height ?? 0) ?? []));
  const length = playback?.durationMs === undefined ? '' : ` · ${duration(playback.durationMs)}`;
  return tallest > 0 ? `${length} · ${tallest}p` : length;
}

function without(data: InfiniteData<VideoPage>, { id }: Video): InfiniteData<VideoPage> {
  const pages = data.pages.map((page) => ({
    ...page,
    videos: page.videos.filter((video) => video.id !== id),
  }));
  return { ...data, pages };
}

function isGone(error: Error): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}
