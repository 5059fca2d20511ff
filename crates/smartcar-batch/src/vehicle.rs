//! A vehicle to ask.
//!
//! Invariant: nothing is sent before `send`.

use smartcar_model::{Batch, Endpoint};

use crate::{Client, Error, Listed, Request, Single, Typed, UserId, VehicleId};

/// A vehicle of a client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vehicle {
    pub(crate) client: Client,
    pub(crate) id: VehicleId,
    pub(crate) user: Option<UserId>,
}

impl Vehicle {
    /// Its id.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// Names the user who connected it, whom version 3 of the API wants to know
    /// for every signal; without it the client's is named
    /// ([`crate::ClientBuilder::user`]). v2.0 has no use for it: there the token
    /// is the user's.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Asks a set of signals of version 3, by their own types and units.
    ///
    /// It is [`Vehicle::batch`] for batches that have signals only, be it a tuple
    /// or a derived struct; whatever else is in it does not compile. Both kinds
    /// may stand together in a `batch`. A client of v2.0 refuses to send it.
    ///
    /// ```no_run
    /// use smartcar_batch::{Batch, Reading, Vehicle, signal};
    ///
    /// #[derive(Batch)]
    /// struct Drive {
    ///     odometer: Reading<signal::OdometerTraveleddistance>,
    ///     speed: Option<Reading<signal::MotionCurrentspeed>>,
    /// }
    ///
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// let drive = vehicle.signals::<Drive>().send().await?.items;
    /// println!("{:?} {:?}", drive.odometer.value, drive.odometer.unit);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use smartcar_batch::{Odometer, Vehicle};
    /// # fn example(vehicle: Vehicle) {
    /// vehicle.signals::<(Odometer,)>(); // an endpoint of v2.0
    /// # }
    /// # fn main() { let _: fn(Vehicle) = example; }
    /// ```
    pub fn signals<T: Batch>(&self) -> Request<Typed<T>> {
        const { Typed::<T>::SIGNALS }
        self.batch::<T>()
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
