-- Applies standings to a board; to the sets that are being built beside it, too, if there are any.
-- KEYS: board, ranks, versions, next ranks, next versions, log
-- ARGV: channel, time (ms), token of the rebuild that loads its sets ('' for the board itself), then for each person
--   user id, packed score ('' for none), version, time of the score (ms)
-- Returns missing | frozen | stale | lost | loaded, or applied with the last person's places before and after (from 0;
--   -1 for none) and the size of the board.
-- Packed scores stay the strings that they came as: Lua's tostring keeps 14 digits.
-- The log gets an entry for each person: '<revision before> <revision> <low> <high> <user id of who is listed no more>'.
--   Whose rank or score the change touched has a packed score from low to high, until a later change is to themselves:
--   a rank counts who has more, so it is another only for scores from the lower of the person's two up to the higher.
--   Who is level with the lower one is touched wherever they are listed. Low is above high where nobody was touched.
local LOGGED, SPARE = 512, 64 -- entries kept, and how many more before they are cut off
local board = redis.call('HMGET', KEYS[1], 'revision', 'state', 'building')
local loads = ARGV[3] ~= ''

local function put(ranks, versions, i)
  local member, packed, version = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local known = redis.call('HGET', versions, member)
  local newer = version - (known and string.match(known, '^%d+') or 0)
  if newer <= 0 then return 0 end
  if packed == '' then
    redis.call('ZREM', ranks, member)
  else
    redis.call('ZADD', ranks, packed, member)
  end
  redis.call('HSET', versions, member, version .. ' ' .. ARGV[i + 3])
  return newer
end

if loads and board[3] ~= ARGV[3] then return { 'lost' } end
if board[3] then
  local newer = 0
  for i = 4, #ARGV, 4 do newer = newer + put(KEYS[4], KEYS[5], i) end
  if newer > 0 then redis.call('HINCRBY', KEYS[1], 'nextVersions', newer) end
end
if loads then return { 'loaded' } end
if not board[1] then return { 'missing' } end
if board[2] == '2' then return { 'frozen' } end

local function touched(before, after)
  if not before and after == '' then return '1 0' end
  if not before then return '0 ' .. after end
  if after == '' then return '0 ' .. before end
  local level = math.floor(math.min(before, after) / 2 ^ 25) * 2 ^ 25
  local high = tonumber(before) > tonumber(after) and before or after
  -- The same score at another time changes nobody's rank.
  if high - level < 2 ^ 25 then return after .. ' ' .. after end
  return string.format('%.0f ', level) .. high
end

local revision, from = board[1], false
for i = 4, #ARGV, 4 do
  local member, packed = ARGV[i], ARGV[i + 1]
  from = redis.call('ZREVRANK', KEYS[2], member)
  local before = from and redis.call('ZSCORE', KEYS[2], member)
  local newer = put(KEYS[2], KEYS[3], i)
  if newer > 0 then
    local entry = revision .. ' ' .. revision + newer .. ' ' .. touched(before, packed)
    if before and packed == '' then entry = entry .. ' ' .. member end
    if redis.call('LPUSH', KEYS[6], entry) > LOGGED + SPARE then redis.call('LTRIM', KEYS[6], 0, LOGGED - 1) end
    revision = revision + newer
  end
end
if revision == board[1] then return { 'stale' } end
redis.call('HSET', KEYS[1], 'revision', revision, 'changedAt', ARGV[2])
redis.call('PUBLISH', ARGV[1], revision)
local to = redis.call('ZREVRANK', KEYS[2], ARGV[#ARGV - 3])
return { 'applied', from or -1, to or -1, redis.call('ZCARD', KEYS[2]) }
