-- Drops the sets that a rebuild has begun to load.
-- KEYS: board, next ranks, next versions, lock   ARGV: token
if redis.call('HGET', KEYS[1], 'building') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'building', 'nextVersions')
  redis.call('UNLINK', KEYS[2], KEYS[3])
end
if redis.call('GET', KEYS[4]) == ARGV[1] then redis.call('DEL', KEYS[4]) end
