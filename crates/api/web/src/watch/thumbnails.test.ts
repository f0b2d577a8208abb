import { expect, it } from 'vitest';
import { stills } from './thumbnails';

const thumbnails = {
  firstUrl: 'https://site/1/2/video_thumb.0000000.jpg',
  count: 3,
  intervalSeconds: 2,
  width: 160,
  height: 90,
};

it('counts on in the number of the first still', () => {
  expect(stills(thumbnails).map(({ url, startTime, endTime }) => [url, startTime, endTime])).toEqual([
    ['https://site/1/2/video_thumb.0000000.jpg', 0, 2],
    ['https://site/1/2/video_thumb.0000001.jpg', 2, 4],
    ['https://site/1/2/video_thumb.0000002.jpg', 4, 6],
  ]);
});

it('shows none where the address has no number', () => {
  expect(stills({ ...thumbnails, firstUrl: 'https://site/0000000/thumb.jpg' })).toEqual([]);
});
