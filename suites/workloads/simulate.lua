-- A queueing simulation with a priority queue, and a log of what happened as text.
local state = 29
local function pick(limit)
  state = state * 16807 % 2147483647
  return state % limit
end

local queue, size = {}, 0
local function push(event)
  size = size + 1
  local at = size
  while at > 1 and queue[at // 2].time > event.time do
    queue[at] = queue[at // 2]
    at = at // 2
  end
  queue[at] = event
end

local function pop()
  local first, last = queue[1], queue[size]
  queue[size] = nil
  size = size - 1
  local at = 1
  while at * 2 <= size do
    local child = at * 2
    if child < size and queue[child + 1].time < queue[child].time then child = child + 1 end
    if queue[child].time >= last.time then break end
    queue[at] = queue[child]
    at = child
  end
  if size > 0 then queue[at] = last end
  return first
end

local desks, log = {}, {}
for i = 1, 40 do desks[i] = { waiting = {}, served = 0, busy = false } end

local function arrive(now)
  push { time = now + 1 + pick(40), act = arrive }
  local desk = desks[1 + pick(#desks)]
  desk.waiting[#desk.waiting + 1] = { since = now, name = "guest " .. pick(5000), wishes = { pick(9), pick(9), pick(9) } }
  if not desk.busy then
    desk.busy = true
    local function serve(time)
      local guest = table.remove(desk.waiting, 1)
      if not guest then desk.busy = false return end
      desk.served = desk.served + 1
      log[#log + 1] = string.format("%d %s waited %d for %s", time, guest.name, time - guest.since, table.concat(guest.wishes, "/"))
      if #log > 1200 then
        local kept = {}
        for i = 601, #log do kept[#kept + 1] = log[i] end
        log = kept
      end
      push { time = time + 6 + pick(20), act = serve }
    end
    push { time = now + 5, act = serve }
  end
end

for i = 1, 60 do push { time = i, act = arrive } end
for _ = 1, 13000 do
  local event = pop()
  event.act(event.time)
end
local served = 0
for _, desk in ipairs(desks) do served = served + desk.served end
print(served, #log, #table.concat(log, "\n"))
