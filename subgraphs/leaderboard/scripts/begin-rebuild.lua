-- Begins to build new sets beside a board's, unless somebody does already: from here on every change goes to both.
-- KEYS: board, next ranks, next versions, lock
-- ARGV: token, how long the lock holds (ms)
-- Returns 1, or 0 for who came second.
if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('UNLINK', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'building', ARGV[1], 'nextVersions', 0)
return 1
