"""Made-up location instances: drawn, solved by another model, written as published ones are."""

import gzip
import random

import highspy


def draw(seed, *, sites, lines, slack=2.0):
    """Capacities, fixed costs, demands, and costs (site by site) of serving a whole demand."""
    dice = random.Random(seed)
    places = [(dice.random(), dice.random()) for _ in range(sites + lines)]
    demand = [dice.randint(5, 36) for _ in range(lines)]
    share = slack * sum(demand) / sites
    capacity = [round(share * dice.uniform(0.6, 1.4)) + 36 for _ in range(sites)]
    fixed = [dice.randint(150, 450) + 0.5 for _ in range(sites)]
    cost = [
        [
            demand[line] * round(10 * abs(complex(*places[site]) - complex(*places[sites + line])))
            for line in range(lines)
        ]
        for site in range(sites)
    ]
    return capacity, fixed, demand, cost


def solve(drawn, *, kind):
    """The optimum by a textbook model: shares of demands, one row for each capacity."""
    capacity, fixed, demand, cost = drawn
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("threads", 1)
    whole = highspy.HighsVarType.kInteger
    share_type = whole if kind == "single-source" else highspy.HighsVarType.kContinuous
    opened = [model.addVariable(0, 1, obj=amount, type=whole) for amount in fixed]
    shares = [
        [model.addVariable(0, 1, obj=amount, type=share_type) for amount in row] for row in cost
    ]
    for line in range(len(demand)):
        model.addConstr(sum(row[line] for row in shares) == 1)
    for site, row in enumerate(shares):
        room = sum(demand) if kind == "uncapacitated" else capacity[site]
        model.addConstr(
            sum(share * amount for share, amount in zip(row, demand, strict=True))
            <= room * opened[site]
        )
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return model.getInfo().objective_function_value


def by_customer(drawn):
    """Written as OR-Library does: each demand alone on a line, then its costs, seven to a line."""
    capacity, fixed, demand, cost = drawn
    rows = [f" {len(fixed)} {len(demand)} "]
    rows += [f" {room} {amount}" for room, amount in zip(capacity, fixed, strict=True)]
    for line, wanted in enumerate(demand):
        rows.append(f" {wanted}")
        own = [f"{row[line]:.5f}" for row in cost]
        rows += [" ".join(own[at : at + 7]) for at in range(0, len(own), 7)]
    return "\n".join(rows).encode()


def by_facility(drawn, optimum=None):
    """Written as Holmberg and others do: all demands, then the costs site by site."""
    capacity, fixed, demand, cost = drawn
    numbers = [*demand, *(amount for row in cost for amount in row)]
    rows = [f"{len(fixed)} {len(demand)}"]
    rows += [f"{room} {amount}" for room, amount in zip(capacity, fixed, strict=True)]
    rows += [
        " ".join(f"{number}." for number in numbers[at : at + 10])
        for at in range(0, len(numbers), 10)
    ]
    return "\n".join([*rows, *([f"{optimum}"] if optimum else [])]).encode()


def write(path, content, *, zipped=False, filled=False):
    """Put it on the disk."""
    content += b"\0" * 7 if filled else b""
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path
