import { Link } from 'wouter';
import type { Video } from '../api/videos';
import { dateTime, duration } from '../ui/format';
import { FilmIcon, WarningIcon } from '../ui/icons';
import { isMoving } from './polling';
import { StatusBadge } from './status-badge';

/** A video of the library. */
export function Card({ video, showOwner }: { video: Video; showOwner: boolean }) {
  const { playback, status, progressPercent } = video;
  return (
    <li>
      <Link className="card" href={`/videos/${video.id}`}>
        <div className="poster">
          {playback?.posterUrl ? (
            <img src={playback.posterUrl} alt="" loading="lazy" decoding="async" />
          ) : (
            <span className="poster-empty">{status === 'FAILED' ? <WarningIcon /> : <FilmIcon />}</span>
          )}
          {status !== 'READY' && <StatusBadge video={video} />}
          {playback?.durationMs !== undefined && (
            <span className="length">{duration(playback.durationMs)}</span>
          )}
          {isMoving(status) && (
            <progress
              aria-label={`Progress of ${video.title}`}
              max={100}
              value={progressPercent ?? undefined}
            />
          )}
        </div>
        <div className="card-text">
          <h2>{video.title}</h2>
          {video.failure && status === 'FAILED' ? (
            <p className="card-failure">{video.failure.sentence}</p>
          ) : (
            <p className="muted">
              <time dateTime={video.createdAt}>{dateTime(video.createdAt)}</time>
              {showOwner && ` · ${video.owner}`}
            </p>
          )}
        </div>
      </Link>
    </li>
  );
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
