//! A vehicle to ask.
//!
//! Invariant: nothing is sent before `send`.

use smartcar_model::{Batch, Endpoint};

use crate::{Client, Error, Listed, Request, Single, Typed, VehicleId};

/// A vehicle of a client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vehicle {
    pub(crate) client: Client,
    pub(crate) id: VehicleId,
}

impl Vehicle {
    /// Its id.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// Asks a set of endpoints that is known when compiling, in one request.
    ///
    /// The set is a tuple of endpoints, or a struct with
    /// [`#[derive(Batch)]`](derive@crate::Batch).
    ///
    /// The same endpoint twice does not compile. The check runs when the call
    /// is compiled to machine code: `cargo build` and `cargo test` report it,
    /// `cargo check` is silent, but for a derived struct without generics, which
    /// is checked where it stands.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer, Fuel, UnitSystem};
    /// # async fn example(vehicle: Vehicle) -> Result<(), Box<dyn std::error::Error>> {
    /// let answered = vehicle
    ///     .batch::<(Odometer, Fuel)>()
    ///     .units(UnitSystem::Imperial)
    ///     .send()
    ///     .await?;
    /// let (odometer, fuel) = answered.items;
    /// println!("{} miles", odometer?.distance);
    /// if let Err(error) = fuel {
    ///     println!("no fuel level: {error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch<T: Batch>(&self) -> Request<Typed<T>> {
        const { Typed::<T>::DISTINCT }
        Request::new(self.clone(), Typed::new())
    }

    /// Asks a list of paths that is known when running. A path that the
    /// description does not know keeps its body raw.
    ///
    /// Refuses an empty list, a path that a batch cannot carry, and a path
    /// given twice.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), Box<dyn std::error::Error>> {
    /// let answers = vehicle
    ///     .batch_paths(["/odometer", "/tesla/speedometer"])?
    ///     .send()
    ///     .await?
    ///     .items;
    /// let odometer = answers.get::<Odometer>(); // None: not asked; Some(Err): failed
    /// let speed = answers.raw("/tesla/speedometer");
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch_paths<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Request<Listed>, Error> {
        Ok(Request::new(self.clone(), Listed::checked(paths)?))
    }

    /// Asks one endpoint with a GET of its own. It must answer: whatever else
    /// is an error, with the reason in [`Error::item`].
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// let odometer = vehicle.get::<Odometer>().send().await?.items;
    /// println!("{} km, measured {:?}", odometer.distance, odometer.meta.data_age);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<E: Endpoint>(&self) -> Request<Single<E>> {
        Request::new(self.clone(), Single::new())
    }
}
