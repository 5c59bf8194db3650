"""What happens in Redis at once, in Lua; KEYS[1] begins the names of all keys of the bot.

- `seen:<update>`: it was taken, for a day
- `update:<update>`: owner, chat, tries and sealed content of one that is not answered
- `chat:<chat>`: updates of a chat in the order they arrived
- `owned:<process>`: updates that a process answers
- `leases`: until when each process is alive (ms); 0 when it has stopped in order
- `leader`: the process that polls, or registers the webhook
- `moment`, `moment:<chat>`: when the next message may go (µs); `sends`: those of the last second
- `sent:<chat>`: numbers of our messages with their times (ms)
"""

from __future__ import annotations

_TIME = """
local p = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
_MICROS = """
local p = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""

# update, chat, process, content, tries, lease ms, seconds kept: 1 taken now, 2 ours since before, 0 taken before.
TAKE = (
    _TIME
    + """
local id, chat, me = ARGV[1], ARGV[2], ARGV[3]
redis.call('ZADD', p .. 'leases', now + ARGV[6], me)
if not redis.call('SET', p .. 'seen:' .. id, '1', 'NX', 'EX', ARGV[7]) then
  if redis.call('HGET', p .. 'update:' .. id, 'owner') == me then return 2 end
  return 0
end
redis.call('HSET', p .. 'update:' .. id, 'owner', me, 'chat', chat, 'content', ARGV[4], 'tries', ARGV[5])
redis.call('RPUSH', p .. 'chat:' .. chat, id)
redis.call('SADD', p .. 'owned:' .. me, id)
for _, name in ipairs({'update:' .. id, 'chat:' .. chat, 'owned:' .. me}) do redis.call('EXPIRE', p .. name, ARGV[7]) end
return 1
"""
)

# process, chat, whether it may take over, how many are looked at, updates waiting: what, update, tries, gone, lost.
# "gone" are answered elsewhere; "lost" are those that Redis no longer knows.
TURN = (
    _TIME
    + """
local me, chat, look = ARGV[1], ARGV[2], tonumber(ARGV[4])
local line, waiting, gone, lost, ours = p .. 'chat:' .. chat, {}, {}, {}, {}
for i = 5, #ARGV do
  local id = ARGV[i]
  waiting[id] = true
  if i < 5 + look then
    local owner = redis.call('HGET', p .. 'update:' .. id, 'owner')
    if owner == me then ours[#ours + 1] = id
    elseif owner or redis.call('EXISTS', p .. 'seen:' .. id) == 1 then gone[#gone + 1] = id
    else lost[#lost + 1] = id end
  end
end
local head = redis.call('LINDEX', line, 0)
while head and redis.call('EXISTS', p .. 'update:' .. head) == 0 do
  redis.call('LPOP', line)
  head = redis.call('LINDEX', line, 0)
end
if not head then
  for _, id in ipairs(ours) do redis.call('RPUSH', line, id) end
  head = ours[1]
end
if not head then return {'wait', '', 0, gone, lost} end
local update = p .. 'update:' .. head
local owner = redis.call('HGET', update, 'owner')
if owner == me and waiting[head] then
  return {'go', head, redis.call('HINCRBY', update, 'tries', 1) - 1, gone, lost}
end
if owner ~= me and ARGV[3] == '1' then
  local lease = redis.call('ZSCORE', p .. 'leases', owner)
  if not lease or tonumber(lease) < now then
    redis.call('HSET', update, 'owner', me)
    redis.call('SREM', p .. 'owned:' .. owner, head)
    redis.call('SADD', p .. 'owned:' .. me, head)
    return {'ours', head, 0, gone, lost}
  end
end
return {'wait', '', 0, gone, lost}
"""
)

# update, chat, seconds kept
DONE = (
    _TIME
    + """
local id = ARGV[1]
local owner = redis.call('HGET', p .. 'update:' .. id, 'owner')
if owner then redis.call('SREM', p .. 'owned:' .. owner, id) end
redis.call('DEL', p .. 'update:' .. id)
redis.call('LREM', p .. 'chat:' .. ARGV[2], 1, id)
redis.call('SET', p .. 'seen:' .. id, '1', 'EX', ARGV[3])
"""
)

# process, lease ms, room, whether it may take over: how many processes are alive, and what this one answers.
# Of processes that stopped in order everybody may take over at once.
RENEW = (
    _TIME
    + """
local me, room = ARGV[1], tonumber(ARGV[3])
local leases, ours = p .. 'leases', p .. 'owned:' .. ARGV[1]
redis.call('ZADD', leases, now + ARGV[2], me)
local limit = '0'
if ARGV[4] == '1' then limit = '(' .. now end
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', limit, 'LIMIT', 0, 16)) do
  local theirs = p .. 'owned:' .. dead
  for _, id in ipairs(redis.call('SMEMBERS', theirs)) do
    if room < 1 then break end
    if redis.call('HGET', p .. 'update:' .. id, 'owner') == dead then
      redis.call('HSET', p .. 'update:' .. id, 'owner', me)
      redis.call('SADD', ours, id)
      redis.call('EXPIRE', ours, 86400)
      room = room - 1
    end
    redis.call('SREM', theirs, id)
  end
  if redis.call('SCARD', theirs) == 0 then redis.call('ZREM', leases, dead) end
end
return {redis.call('ZCOUNT', leases, now, '+inf'), redis.call('SMEMBERS', ours)}
"""
)

# process: it has stopped, and others may answer what it leaves.
LEAVE = """
local p, me = KEYS[1], ARGV[1]
if redis.call('SCARD', p .. 'owned:' .. me) == 0 then
  redis.call('ZREM', p .. 'leases', me)
else
  redis.call('ZADD', p .. 'leases', 0, me)
end
"""

# process, lease ms: 1 when it leads.
LEAD = """
local leader = KEYS[1] .. 'leader'
local holder = redis.call('GET', leader)
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', leader, ARGV[1], 'PX', ARGV[2])
return 1
"""

# process
CEDE = """
if redis.call('GET', KEYS[1] .. 'leader') == ARGV[1] then redis.call('DEL', KEYS[1] .. 'leader') end
"""

# chat, gap, gap of the chat (µs), whether the chat's moment is taken: µs to wait, and 1 when the message may go then.
MOMENT = (
    _MICROS
    + """
local chat, all = p .. 'moment:' .. ARGV[1], p .. 'moment'
local gap, chat_gap = tonumber(ARGV[2]), tonumber(ARGV[3])
local function free(key) return math.max(now, tonumber(redis.call('GET', key) or 0)) end
local function keep(key, at) redis.call('SET', key, at, 'PX', math.ceil((at - now) / 1000) + 1000) end
if chat_gap > 0 and ARGV[4] == '0' then
  local mine = free(chat)
  keep(chat, mine + chat_gap)
  if mine > now then return {mine - now, 0} end
end
local slot = now
if gap > 0 then
  slot = free(all)
  keep(all, slot + gap)
  redis.call('ZREMRANGEBYSCORE', p .. 'sends', '-inf', now - 1000000)
  redis.call('ZADD', p .. 'sends', slot, string.format('%.0f', slot))
  redis.call('EXPIRE', p .. 'sends', 600)
end
if chat_gap > 0 then keep(chat, math.max(free(chat), slot + chat_gap)) end
return {slot - now, 1}
"""
)

# chat or "", pause µs, how many messages a second are near the ceiling or 0
HOLD = (
    _MICROS
    + """
local pause, near = tonumber(ARGV[2]), tonumber(ARGV[3])
local function hold(key)
  local at = math.max(now + pause, tonumber(redis.call('GET', key) or 0))
  redis.call('SET', key, at, 'PX', math.ceil((at - now) / 1000) + 1000)
end
if ARGV[1] ~= '' then hold(p .. 'moment:' .. ARGV[1]) end
if near > 0 and redis.call('ZCOUNT', p .. 'sends', now - 1000000, now) >= near then hold(p .. 'moment') end
"""
)

# chat, number of the message, seconds kept
KEEP_SENT = (
    _TIME
    + """
local sent = p .. 'sent:' .. ARGV[1]
redis.call('ZREMRANGEBYSCORE', sent, '-inf', now - ARGV[3] * 1000)
redis.call('ZADD', sent, now, ARGV[2])
redis.call('EXPIRE', sent, ARGV[3])
"""
)

# chat, seconds kept: the numbers, which are forgotten with this
TAKE_SENT = (
    _TIME
    + """
local sent = p .. 'sent:' .. ARGV[1]
local found = redis.call('ZRANGEBYSCORE', sent, now - ARGV[2] * 1000, '+inf')
redis.call('DEL', sent)
return found
"""
)
