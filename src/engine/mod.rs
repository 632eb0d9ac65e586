//! The simulated world and its one door, [`World::call`](world::World::call).
