import { useState } from 'react';
import { Link } from 'wouter';
import { useUploadOf } from '../app-context';
import type { VideoSummary } from '../api/videos';
import { Ago } from '../ui/ago';
import { duration } from '../ui/format';
import { FilmIcon, WarningIcon } from '../ui/icons';
import { isMoving } from './polling';
import { usePreview } from './preview';
import { StatusBadge } from './status-badge';

/** A video of the library. Pointed at or focused, it shows its stills in turn. */
export function Card({ video, showOwner }: { video: VideoSummary; showOwner: boolean }) {
  const { playback, status } = video;
  const [isPointedAt, setIsPointedAt] = useState(false);
  const [isFocused, setIsFocused] = useState(false);
  const preview = usePreview(playback?.thumbnails, isPointedAt || isFocused);
  return (
    <li>
      <Link
        className="card"
        href={`/videos/${video.id}`}
        // A finger that scrolls points at nothing.
        onPointerEnter={({ pointerType }) => setIsPointedAt(pointerType === 'mouse')}
        onPointerLeave={() => setIsPointedAt(false)}
        onFocus={() => setIsFocused(true)}
        onBlur={() => setIsFocused(false)}
      >
        <div className="poster">
          {playback?.posterUrl ? (
            <img src={playback.posterUrl} alt="" loading="lazy" decoding="async" />
          ) : (
            <span className="poster-empty">{status === 'FAILED' ? <WarningIcon /> : <FilmIcon />}</span>
          )}
          {preview && <img className="preview" src={preview} alt="" />}
          {status !== 'READY' && <StatusBadge video={video} />}
          {playback?.durationMs !== undefined && (
            <span className="length">{duration(playback.durationMs)}</span>
          )}
          {isMoving(status) && <Progress video={video} />}
        </div>
        <div className="card-text">
          <h2>{video.title}</h2>
          {video.failure && status === 'FAILED' ? (
            <p className="card-failure">{video.failure.sentence}</p>
          ) : (
            <p className="muted">
              <Ago at={video.createdAt} />
              {showOwner && ` · ${video.owner}`}
            </p>
          )}
        </div>
      </Link>
    </li>
  );
}

/** How far it is. An upload that is none of this page's may stand still. */
function Progress({ video: { id, title, status, progressPercent } }: { video: VideoSummary }) {
  const upload = useUploadOf(id);
  if (status === 'UPLOADING' && !upload) return null;
  const percent = upload && upload.size > 0 ? (100 * upload.sent) / upload.size : progressPercent;
  return <progress aria-label={`Progress of ${title}`} max={100} value={percent ?? undefined} />;
}

/** Where a card will be. */
export function CardSkeleton() {
  return (
    <li className="card skeleton" aria-hidden="true">
      <div className="poster" />
      <div className="card-text">
        <div className="line" />
        <div className="line short" />
      </div>
    </li>
  );
}
