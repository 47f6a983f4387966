-- Marks a record in progress as awaited, so that its end is published.
local record = read()
if not record or record.state ~= RUNNING then
  return 0
end
local left = redis.call('PTTL', KEYS[1])
rewrite(open(record, AWAITED), left)
return 1
