#!/usr/bin/env python3
"""Training speed of countersign beside the same network in PyTorch, on the CPU or an NVIDIA GPU.

    python3 benches/training.py [--threads 2] [--rounds 7]        (needs `pip install torch` and cargo)
    python3 benches/training.py --device cuda --steps 40          (needs `cargo bench --features cuda`; --binary where there is no cargo)

The two take turns, a few steps each, so that whatever else the machine does falls on both alike. Printed
are medians with the lowest and highest round, of images a second and of processor milliseconds an image (user
and system time of all threads, which a busy machine disturbs less), and the ratios of rounds side by side.

PyTorch gets what is fastest for it: channels-last memory, the fused AdamW and subnormal numbers flushed to
zero, as the attention makes many, which nearly double the time of a step (--subnormal leaves them, which is
PyTorch's default); on a GPU also cuDNN's search for its fastest convolution, and TF32. Forward, backward, clipping
and optimiser are those of src/train: the same layers, batch, mining of pairs and losses.
"""

import argparse
import json
import statistics
import subprocess
import time
import tomllib

import torch
from torch import nn
from torch.nn import functional as F


class ConvNorm(nn.Sequential):
    def __init__(self, channels_in, channels_out, kernel, stride=1):
        super().__init__(
            nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(channels_out),
        )


class Residual(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.first = ConvNorm(channels_in, channels_out, 3, stride)
        self.second = ConvNorm(channels_out, channels_out, 3)
        same = stride == 1 and channels_in == channels_out
        self.shortcut = nn.Identity() if same else ConvNorm(channels_in, channels_out, 1, stride)

    def forward(self, x):
        out = F.relu(self.first(x), inplace=True)
        return F.relu(self.second(out) + self.shortcut(x), inplace=True)


def mean_and_max(x):
    return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def kernels(count):
    """Those of src/model/directions.rs: Sobel's operator, steered."""
    slope = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    angles = torch.arange(count) * torch.pi / count
    return torch.stack([angle.cos() * slope + angle.sin() * slope.T for angle in angles])[:, None]


def measure(ink, kernels):
    """How much of the line faces each direction, and how dark it is there."""
    square = F.conv2d(ink, kernels, padding=1).square()
    steep = square.mean(1, keepdim=True) * 2 + 1e-6
    facing = (square / steep) ** 4 * steep.sqrt()
    edges = facing.sum((2, 3))
    dark = (facing * F.max_pool2d(ink, 3, 1, 1)).sum((2, 3)) / (edges + 0.1)
    return edges / (edges.sum(1, keepdim=True) + 1e-6), dark / (dark.mean(1, keepdim=True) + 1e-6)


def likeness(measured, questioned, reference):
    slant, pressure = ((part[questioned], part[reference]) for part in measured)
    slant = ((slant[0] - slant[1]) ** 2 / (slant[0] + slant[1] + 1e-6)).sum(1)
    pressure = ((pressure[0] - pressure[1]) ** 2).sum(1)
    return -((slant + 1e-3).log() + (pressure + 1e-3).log())


class Encoder(nn.Module):
    def __init__(self, stem_stride, width=24, map_channels=48, embedding=128):
        super().__init__()
        self.stem = ConvNorm(1, width, 2 * stem_stride + 1, stem_stride)
        self.blocks = nn.Sequential(
            Residual(width, width, 1),
            Residual(width, 2 * width, 2),
            Residual(2 * width, 4 * width, 2),
            Residual(4 * width, 4 * width, 1),
        )
        self.project = nn.Conv2d(4 * width, map_channels, 1)
        self.embed = nn.Linear(8 * width, embedding)

    def forward(self, x):
        x = self.blocks(F.relu(self.stem(x), inplace=True))
        return F.normalize(self.embed(mean_and_max(x)), dim=1), self.project(x)


class PairHead(nn.Module):
    def __init__(self, map_channels=48, width=64):
        super().__init__()
        self.log_sharpness = nn.Parameter(torch.tensor([2.3]))
        self.log_locality = nn.Parameter(torch.tensor([3.7]))
        self.near = Residual(2 * map_channels + 1, width, 2)
        self.far = Residual(width, width * 3 // 2, 2)
        self.hidden = nn.Linear(width * 3, width)
        self.judge = nn.Linear(width, 1)

    def forward(self, a, b):
        batch, channels, height, width = a.shape
        a, b = (x.flatten(2).transpose(1, 2) for x in (a, b))
        start, to = torch.cat([a, b]), torch.cat([b, a])
        cosine = F.normalize(start, dim=2) @ F.normalize(to, dim=2).transpose(1, 2)
        places = torch.cartesian_prod(torch.arange(height), torch.arange(width)).float() / height
        far = torch.cdist(places, places).square().to(start.device)
        attention = torch.softmax(cosine * self.log_sharpness.exp() - far * self.log_locality.exp(), 2)
        found, similarity = attention @ to, (attention * cosine).sum(2, keepdim=True)
        compared = torch.cat([(start - found).abs(), start * found, similarity], 2)
        compared = compared.transpose(1, 2).reshape(2 * batch, 2 * channels + 1, height, width)
        x = mean_and_max(self.far(self.near(compared)))
        logit = self.judge(F.relu(self.hidden(x))).squeeze(1)
        return logit[:batch] + logit[batch:]


def mine(writer, genuine, embedding, skilled_pairs, random_pairs, random_share):
    """Pairs of src/train/pairs.rs: all genuine ones, the hardest skilled and random forgeries of each writer."""
    similarity = (embedding @ embedding.T).tolist()
    rows = range(len(writer))
    pairs = []
    for one in sorted(set(writer)):
        own = [row for row in rows if writer[row] == one and genuine[row]]
        forged = [row for row in rows if writer[row] == one and not genuine[row]]
        others = [row for row in rows if writer[row] != one and genuine[row]]
        hardest = lambda found, most: sorted(found, key=lambda pair: -similarity[pair[0]][pair[1]])[:most]
        same = [(b, a) for i, a in enumerate(own) for b in own[i + 1 :]]
        skilled = hardest([(b, a) for a in own for b in forged], skilled_pairs)
        nearest = [hardest([(b, a) for b in others], 1)[0] for a in own]
        random = hardest(nearest, random_pairs)
        pairs += [(*pair, kind) for kind, found in enumerate([same, skilled, random]) for pair in found]
    questioned, reference, kind = (torch.tensor(column, device=embedding.device) for column in zip(*pairs))
    shares = torch.tensor([0.5, 0.5 * (1 - random_share), 0.5 * random_share], device=embedding.device)
    return questioned, reference, (kind == 0).float(), (shares / torch.bincount(kind, minlength=3))[kind]


class Run:
    """What is trained, and one step of it."""

    def __init__(self, config, device):
        sampler, size = config["sampler"], config["input"]
        self.sampler, self.objective, optimiser = sampler, config["objective"], config["optimiser"]
        each = sampler["genuine"] + sampler["forged"]
        self.writer = [writer for writer in range(sampler["writers"]) for _ in range(each)]
        self.genuine = [slot < sampler["genuine"] for _ in range(sampler["writers"]) for slot in range(each)]
        shape = (len(self.writer), 1, size["height"], size["width"])
        self.ink = torch.rand(shape, device=device).to(memory_format=torch.channels_last)
        network = config["network"]
        self.encoder, self.head = Encoder(network["encoder"].get("stem_stride", 2)), PairHead()
        directions = network["encoder"].get("directions", 0)
        self.kernels = kernels(directions).to(device) if directions else None
        self.direction_weight = network["similarity"].get("direction_weight", 0.0)
        model = nn.ModuleList([self.encoder, self.head]).to(device, memory_format=torch.channels_last)
        self.parameters = list(model.parameters())
        # burn counts the running statistics of batch normalisation too
        counted = self.parameters + [buffer for buffer in model.buffers() if buffer.is_floating_point()]
        self.count = sum(tensor.numel() for tensor in counted)
        self.optimiser = torch.optim.AdamW(
            self.parameters, optimiser["learning_rate"], weight_decay=optimiser["weight_decay"], fused=True
        )
        self.clip = optimiser["clip"]["norm"]
        writer, genuine = torch.tensor(self.writer, device=device), torch.tensor(self.genuine, device=device)
        self.itself = torch.eye(len(writer), device=device)
        positive = (writer[:, None] == writer) & genuine[:, None] & genuine & ~self.itself.bool()
        self.positive = positive / positive.sum(1, keepdim=True).clamp(min=1)
        self.anchors = int(positive.any(1).sum())

    def optimise(self, loss):
        self.optimiser.zero_grad()
        loss.backward()
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        factors = [(self.clip / (norm + 1e-6)).clamp(max=1) for norm in torch._foreach_norm(gradients)]
        torch._foreach_mul_(gradients, factors)
        self.optimiser.step()

    def train_encoder(self):
        embedding, places = self.encoder(self.ink)
        self.optimise(embedding.sum() + places.sum())

    def train_step(self):
        embedding, places = self.encoder(self.ink)
        sampler, objective = self.sampler, self.objective
        counts = (sampler["skilled_pairs"], sampler["random_pairs"], objective["random_share"])
        mined = mine(self.writer, self.genuine, embedding.detach(), *counts)
        questioned, reference, same, weight = mined
        score = self.head(places[questioned], places[reference])
        if self.kernels is not None:
            measured = measure(self.ink, self.kernels)
            score = score + self.direction_weight * likeness(measured, questioned, reference)
        smoothing = objective["label_smoothing"]
        target = same * (1 - 2 * smoothing) + smoothing
        loss = F.binary_cross_entropy_with_logits(score, target, weight, reduction="sum")
        similarity = embedding @ embedding.T / objective["temperature"] - 1e4 * self.itself
        contrast = -(F.log_softmax(similarity, 1) * self.positive).sum() / self.anchors
        self.optimise(loss + objective["contrastive_weight"] * contrast)


def time_torch(run, part, steps, warm_up):
    step = run.train_encoder if part == "encoder" else run.train_step
    wait = torch.cuda.synchronize if run.ink.is_cuda else lambda: None
    for _ in range(warm_up):
        step()
    wait()
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    wait()
    images = len(run.writer) * steps
    return {
        "parameters": run.count,
        "images_per_second": images / (time.perf_counter() - start),
        "processor_ms_per_image": (time.process_time() - processor) * 1e3 / images,
    }


def time_countersign(part, arguments):
    features = ["--features", "cuda"] if arguments.device == "cuda" else []
    built = ["cargo", "bench", "--quiet", *features, "--bench", "training", "--"]
    command = ([arguments.binary] if arguments.binary else built) + ["--only", part]
    for name in ("threads", "steps", "warm_up", "config", "device"):
        command += ["--" + name.replace("_", "-"), str(getattr(arguments, name))]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--subnormal", action="store_true", help="let PyTorch compute with subnormal numbers")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--binary", help="the compiled benchmark, in place of cargo bench")
    parser.add_argument("--config", default="configs/coarse.toml")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(not arguments.subnormal)
    torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = True
    with open(arguments.config, "rb") as file:
        run = Run(tomllib.load(file), arguments.device)
    where = torch.cuda.get_device_name() if arguments.device == "cuda" else f"threads {arguments.threads}"
    print(f"{where}, batch {len(run.writer)}, PyTorch {torch.__version__}")
    for part in ("encoder", "step"):
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            ours.append(time_countersign(part, arguments))
            theirs.append(time_torch(run, part, arguments.steps, arguments.warm_up))
        if ours[0]["parameters"] != theirs[0]["parameters"]:
            raise SystemExit(f"not the same network: {ours[0]['parameters']}, {theirs[0]['parameters']} parameters")
        print(f"\n{part}, {theirs[0]['parameters']} parameters      countersign        PyTorch        ratio")
        for name, digits in (("images_per_second", 0), ("processor_ms_per_image", 1)):
            a, b = ([line[name] for line in lines] for lines in (ours, theirs))
            ratio = [one / other for one, other in zip(a, b)]
            print(f"{name:24} {spread(a, digits)}  {spread(b, digits)}  {spread(ratio, 2)}")


if __name__ == "__main__":
    main()
