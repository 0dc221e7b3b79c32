-- Puts the new sets in the place of the board's. What that changes is not known, so the log begins anew.
-- KEYS: board, ranks, versions, next ranks, next versions, lock, log
-- ARGV: channel, time of the latest change (ms), token, number of rebuilds, state
-- Returns lost | frozen | switched, or behind with what the number of rebuilds lacks for a revision that goes up.
local board = redis.call('HMGET', KEYS[1], 'revision', 'state', 'building', 'nextVersions')
if board[3] ~= ARGV[3] then return { 'lost' } end
if board[2] == '2' then return { 'frozen' } end
local state = math.max(tonumber(board[2] or 0), tonumber(ARGV[5]))
local revision = ARGV[4] + state + board[4]
if board[1] and tonumber(board[1]) >= revision then return { 'behind', board[1] - revision + 1 } end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[7])
for i = 2, 3 do
  if redis.call('EXISTS', KEYS[i + 2]) == 1 then redis.call('RENAME', KEYS[i + 2], KEYS[i]) end
end
redis.call('HSET', KEYS[1], 'revision', revision, 'state', state, 'changedAt', ARGV[2])
redis.call('HDEL', KEYS[1], 'building', 'nextVersions')
redis.call('DEL', KEYS[6])
redis.call('PUBLISH', ARGV[1], revision)
return { 'switched', revision }
