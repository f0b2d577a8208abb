import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useApp } from '../app-context';
import type { Filter, Status, VideoPage } from '../api/videos';
import { FilmIcon, SearchIcon } from '../ui/icons';
import { Notice } from '../ui/notice';
import { useTitle } from '../ui/title';
import { Card, CardSkeleton } from './card';
import { nextLook } from './polling';

const STATUSES: [Status | '', string][] = [
  ['', 'All'],
  ['READY', 'Ready'],
  ['PROCESSING', 'Converting'],
  ['SUBMITTED', 'Waiting'],
  ['UPLOADING', 'Uploading'],
  ['FAILED', 'Failed'],
  ['CANCELED', 'Canceled'],
];

/** All videos, newest first. */
export function Library() {
  useTitle('Videos');
  const { isAdmin } = useApp().user;
  const [typed, setTyped] = useState('');
  const [status, setStatus] = useState<Status | ''>('');
  const search = useSettled(typed.trim());
  const filter = useMemo(() => ({ search, status }), [search, status]);

  return (
    <main className="library">
      <div className="toolbar">
        <h1>{isAdmin ? 'All videos' : 'Your videos'}</h1>
        <label className="search">
          <SearchIcon />
          <span className="visually-hidden">Search in titles</span>
          <input
            type="search"
            placeholder="Search"
            value={typed}
            maxLength={200}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <label className="status-filter">
          <span className="visually-hidden">Show</span>
          <select value={status} onChange={(event) => setStatus(event.target.value as Status | '')}>
            {STATUSES.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Videos filter={filter} showOwner={isAdmin} />
    </main>
  );
}

function Videos({ filter, showOwner }: { filter: Filter; showOwner: boolean }) {
  const { videos: api } = useApp();
  const lastChange = useRef({ text: '', at: 0 });
  const query = useInfiniteQuery({
    queryKey: ['videos', filter],
    queryFn: ({ pageParam, signal }) => api.page(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: VideoPage) => page.nextCursor,
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) => {
      const shown = state.data?.pages.flatMap((page) => page.videos) ?? [];
      const text = shown.map((video) => `${video.id}${video.updatedAt}`).join();
      if (text !== lastChange.current.text) lastChange.current = { text, at: Date.now() };
      return nextLook(
        shown.map((video) => video.status),
        Date.now() - lastChange.current.at,
      );
    },
  });
  const { data, error, isPending, hasNextPage, isFetchingNextPage } = query;
  const shown = data?.pages.flatMap((page) => page.videos) ?? [];

  // A search may find nothing on a page and go on: the reader shouldn't have to.
  const isEmptyPage =
    data !== undefined && shown.length === 0 && hasNextPage && !isFetchingNextPage && !error;
  const { fetchNextPage } = query;
  useEffect(() => {
    if (isEmptyPage) void fetchNextPage();
  }, [isEmptyPage, fetchNextPage]);

  if (error && !data) return <Notice error={error} onRetry={() => void query.refetch()} />;
  if (isPending || isEmptyPage) {
    return (
      <ul className="grid" aria-busy="true" aria-label="Videos are loading">
        {Array.from({ length: 6 }, (_, index) => (
          <CardSkeleton key={index} />
        ))}
      </ul>
    );
  }
  if (shown.length === 0) return <Nothing filtered={filter.search !== '' || filter.status !== ''} />;
  return (
    <>
      {error && <Notice error={error} onRetry={() => void query.refetch()} />}
      <ul className="grid" aria-label="Videos">
        {shown.map((video) => (
          <Card key={video.id} video={video} showOwner={showOwner} />
        ))}
      </ul>
      {hasNextPage && (
        <button
          type="button"
          className="button more"
          disabled={isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {isFetchingNextPage ? 'Loading …' : 'Load more'}
        </button>
      )}
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return (
    <div className="nothing">
      <FilmIcon />
      {filtered ? (
        <>
          <h2>Nothing found</h2>
          <p className="muted">No video matches. Try other words or another status.</p>
        </>
      ) : (
        <>
          <h2>No videos yet</h2>
          <p className="muted">Drop files anywhere on this page, or choose them with Upload.</p>
        </>
      )}
    </div>
  );
}

/** The value, once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 250);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
