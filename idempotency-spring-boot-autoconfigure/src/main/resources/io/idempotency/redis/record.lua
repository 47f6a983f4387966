-- What every script begins with. The record KEYS[1] is one string, which takes less memory than any other type: the
-- letters 'ik', the state, then owner token and fingerprint, each behind its length, then the end of the lease in
-- milliseconds and the fencing token; in a completed record the outcome instead.
local RUNNING, AWAITED, REMOVED, COMPLETED = 'r', 'w', 'x', 'c'
local START = '>c2c1Hc0Bc0'

-- Returns nil if nothing is there, and a record without a state if that is no record.
local function read()
  local value = redis.pcall('GET', KEYS[1])
  if not value then
    return nil
  end
  local starts, letters, state, owner, fingerprint, rest = pcall(struct.unpack, START, value)
  if not starts or letters ~= 'ik' then
    return {}
  end
  local record = { state = state, owner = owner, fingerprint = fingerprint }
  if state == COMPLETED then
    record.outcome = string.sub(value, rest)
    return record
  end
  if (state ~= RUNNING and state ~= AWAITED and state ~= REMOVED) or #value ~= rest + 15 then
    return {}
  end
  record.lease_end, record.token = struct.unpack('>I8I8', value, rest)
  return record
end

local function holds(record, owner)
  return record and record.owner == owner and (record.state == RUNNING or record.state == AWAITED)
end

local function start(record, state)
  return struct.pack(START, 'ik', state, #record.owner, record.owner, #record.fingerprint, record.fingerprint)
end

local function in_progress(record, state)
  return start(record, state) .. struct.pack('>I8I8', record.lease_end, record.token)
end

-- Writes the record to last for some milliseconds, or for ever if they are -1.
local function write(value, milliseconds)
  if tonumber(milliseconds) < 0 then
    redis.call('SET', KEYS[1], value)
  else
    redis.call('SET', KEYS[1], value, 'PX', milliseconds)
  end
end

-- Writes the record in place of one that is there. A full Redis refuses the first write of a script if that may need
-- memory; PERSIST never does, and whatever follows gets in.
local function rewrite(value, milliseconds)
  redis.call('PERSIST', KEYS[1])
  write(value, milliseconds)
end

-- Returns how long the record of a lease lasts. What stays after the lease is abandoned: nothing (''), for ever ('-1'),
-- or for some milliseconds.
local function lifetime(lease, abandoned)
  return abandoned == '-1' and -1 or lease + (tonumber(abandoned) or 0)
end

local function milliseconds(time)
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
