-- Makes an empty board where there is none.
-- KEYS: board   ARGV: time (ms)
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'revision', 0, 'state', 0, 'changedAt', ARGV[1])
end
