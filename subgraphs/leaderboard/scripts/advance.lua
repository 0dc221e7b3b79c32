-- Brings a board to a later state: 0 LIVE, 1 PROVISIONAL, 2 FINAL. A final board is read from PostgreSQL, so it may expire.
-- Nobody's rank is another then, which the log says (apply.lua).
-- KEYS: board, ranks, versions, log
-- ARGV: channel, time (ms), state, how long a final board stays (ms)
-- Returns missing | stale | applied.
local board = redis.call('HMGET', KEYS[1], 'revision', 'state')
if not board[1] then return 'missing' end
local steps = ARGV[3] - board[2]
if steps <= 0 then return 'stale' end
local revision = board[1] + steps
redis.call('HSET', KEYS[1], 'revision', revision, 'state', ARGV[3], 'changedAt', ARGV[2])
redis.call('LPUSH', KEYS[4], board[1] .. ' ' .. revision .. ' 1 0')
if ARGV[3] == '2' then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
end
redis.call('PUBLISH', ARGV[1], revision)
return 'applied'
