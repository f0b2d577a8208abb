import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { MediaPlayerInstance } from '@vidstack/react';
import { Suspense, lazy, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useApp } from '../app-context';
import { ApiError } from '../api/problem';
import type { Video } from '../api/videos';
import { isMoving, nextLook } from '../library/polling';
import { StatusBadge } from '../library/status-badge';
import { BackIcon, RetryIcon } from '../ui/icons';
import { Notice } from '../ui/notice';
import { useTitle } from '../ui/title';
import { Delete } from './delete';
import { Addresses, Details } from './details';
import { Edit } from './edit';
import { History } from './history';

// The player is larger than all the rest.
const Player = lazy(() => import('./player'));

/** One video: the player, and all that is known. */
export function Watch({ id }: { id: string }) {
  const { videos } = useApp();
  const { data, error, refetch } = useQuery({
    queryKey: ['video', id],
    queryFn: ({ signal }) => videos.get(id, signal),
    refetchInterval: ({ state }) =>
      state.data ? nextLook([state.data.status], Date.now() - Date.parse(state.data.updatedAt)) : false,
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
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
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
    void client.invalidateQueries({ queryKey: ['videos'] });
    navigate('/');
  };
  return (
    <>
      <div className="stage">
        {video.playback ? (
          <Suspense fallback={<div className="stage skeleton" aria-busy="true" />}>
            <Player
              key={video.playback.revision}
              title={video.title}
              playback={video.playback}
              player={player}
            />
          </Suspense>
        ) : (
          <Progress video={video} />
        )}
      </div>
      <header className="watch-title">
        <div>
          <h1>{video.title}</h1>
          <p className="watch-status" role="status">
            <StatusBadge video={video} />
          </p>
        </div>
        <div className="watch-actions">
          {video.playback?.thumbnails && (
            <button type="button" className="button" onClick={choosePoster}>
              Use this frame as the poster
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
          <History video={video} />
        </div>
      </div>
      {dialog === 'edit' && <Edit video={video} onDone={changed} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && <Delete video={video} onDone={removed} onClose={() => setDialog(null)} />}
    </>
  );
}

/** What is seen where nothing can be watched yet. */
function Progress({ video }: { video: Video }) {
  if (!isMoving(video.status)) return <p className="stage-text">There is nothing to watch.</p>;
  const words = {
    UPLOADING: 'The upload is not finished.',
    SUBMITTED: 'Waiting for its turn …',
    PROCESSING: 'Converting …',
  }[video.status as 'UPLOADING' | 'SUBMITTED' | 'PROCESSING'];
  return (
    <div className="stage-text">
      <p>{words}</p>
      <progress aria-label="Progress" max={100} value={video.progressPercent ?? undefined} />
    </div>
  );
}

function isGone(error: Error): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}
